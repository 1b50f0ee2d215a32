//! Station 9 of 9: back to the application. Before: [`engine`](crate::engine).
//!
//! Messages become a report on the reply queue; polling turns reports and other operations into
//! callbacks or events.
#![forbid(unsafe_code)]

pub(crate) mod background;
pub(crate) mod event;
pub(crate) mod fatal;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod poll;
pub(crate) mod report;
pub(crate) mod token;
