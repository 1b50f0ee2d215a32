//! The neighbour: functions that are not ours. Each is exported and answers as if its part were
//! not built in.

pub(crate) mod absent;
mod table;
