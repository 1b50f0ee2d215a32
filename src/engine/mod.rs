//! Stations 5 and 8 of 9: what goes into a request, and what its answer means. Before and after:
//! [`broker`](crate::broker).
//!
//! Two engines are two folders, with the same names for the same roles; there is no `common`.

pub(crate) mod choose;
#[cfg(feature = "engine-legacy")]
pub(crate) mod legacy;
pub(crate) mod seam;
#[cfg(feature = "engine-v2")]
pub(crate) mod v2;
