//! Fairness: a partition that may send waits no longer than one full round behind others.
//!
//! Who becomes ready during a round is in the next one. So while a partition waits, any other one
//! sends at most twice: in the rest of this round, and before it in the next.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

/// Topic and partition.
pub(super) type Place = (usize, i32);

/// How many batches another partition may send meanwhile.
const BEFORE_MAX: u64 = 2;

/// Who waits, and what others had sent when that began.
#[derive(Default)]
pub(super) struct Fairness {
    waiting: BTreeMap<(i32, Place), BTreeMap<Place, u64>>,
}

impl Fairness {
    /// A broker's thread has had its turn: `served` are its partitions, `in_line` those that may
    /// send, `made` how many batches there were of each partition. `true`: one waits and another
    /// one sends meanwhile.
    pub(super) fn look(
        &mut self,
        broker: i32,
        served: &[Place],
        in_line: &[Place],
        made: &BTreeMap<Place, u64>,
    ) -> Result<bool, String> {
        let mut has_waited = false;
        self.waiting.retain(|(of, place), _| *of != broker || in_line.contains(place));
        let count = |of: &BTreeMap<Place, u64>, place: &Place| of.get(place).copied().unwrap_or(0);
        for place in in_line {
            let before = self.waiting.entry((broker, *place)).or_insert_with(|| made.clone());
            if count(made, place) != count(before, place) {
                // It had its turn, and waits for the next one.
                before.clone_from(made);
                continue;
            }
            for other in served {
                let meanwhile = count(made, other).saturating_sub(count(before, other));
                has_waited |= meanwhile > 0;
                if meanwhile > BEFORE_MAX {
                    return Err(format!(
                        "fairness: t{} [{}] waits while t{} [{}] sends {meanwhile} batches",
                        place.0, place.1, other.0, other.1
                    ));
                }
            }
        }
        Ok(has_waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Place; 2] = [(0, 0), (0, 1)];

    #[test]
    fn whoever_is_passed_over_for_a_full_round_is_noticed() {
        let mut it = Fairness::default();
        let made = |count| BTreeMap::from([(ALL[1], count)]);
        assert_eq!(it.look(1, &ALL, &ALL, &made(7)), Ok(false));
        assert_eq!(it.look(1, &ALL, &ALL, &made(9)), Ok(true));
        assert!(it.look(1, &ALL, &ALL, &made(10)).is_err());
    }

    #[test]
    fn who_had_his_turn_or_has_nothing_begins_anew() {
        let mut it = Fairness::default();
        let made = |own, other| BTreeMap::from([(ALL[0], own), (ALL[1], other)]);
        assert!(it.look(1, &ALL, &ALL, &made(1, 7)).is_ok());
        assert!(it.look(1, &ALL, &ALL, &made(2, 9)).is_ok());
        assert!(it.look(1, &ALL, &ALL, &made(2, 11)).is_ok());
        assert!(it.look(1, &ALL, &ALL[1..], &made(2, 20)).is_ok());
        assert!(it.look(1, &ALL, &ALL, &made(2, 20)).is_ok());
    }
}
