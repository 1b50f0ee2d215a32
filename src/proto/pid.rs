//! `Pid`: a producer id and its epoch.
#![forbid(unsafe_code)]

use std::fmt;

/// A producer id and its epoch.
///
/// Historical: `rd_kafka_pid_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Pid {
    /// Producer id.
    pub(crate) id: i64,
    /// Its epoch.
    pub(crate) epoch: i16,
}

impl Pid {
    /// No producer id.
    pub(crate) const NONE: Self = Self { id: -1, epoch: -1 };

    /// Is it one that a broker gave?
    ///
    /// Historical: `rd_kafka_pid_valid`.
    pub(crate) fn is_valid(self) -> bool {
        self.id != -1
    }

    /// The next epoch; after the largest comes 0.
    ///
    /// Historical: `rd_kafka_pid_bump`.
    pub(crate) fn bumped(self) -> Self {
        Self { id: self.id, epoch: self.epoch.wrapping_add(1) & i16::MAX }
    }
}

impl Default for Pid {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_valid() {
            true => write!(out, "PID{{Id:{},Epoch:{}}}", self.id, self.epoch),
            false => out.write_str("PID{Invalid}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_rise_by_one_and_wrap_to_zero() {
        let pid = Pid { id: 7, epoch: 0 };
        assert_eq!(pid.bumped(), Pid { id: 7, epoch: 1 });
        assert_eq!(Pid { id: 7, epoch: 32_767 }.bumped(), pid);
    }

    #[test]
    fn texts_are_the_historical_ones() {
        assert_eq!(Pid { id: 5, epoch: 3 }.to_string(), "PID{Id:5,Epoch:3}");
        assert_eq!(Pid::NONE.to_string(), "PID{Invalid}");
    }
}
