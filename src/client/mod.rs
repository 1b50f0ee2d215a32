//! Station 2 of 9: the instance. Before: [`capi`](crate::capi). After: [`topic`](crate::topic).
//!
//! Making and ending an instance, its main thread, and the verbs of the application.
#![forbid(unsafe_code)]

pub(crate) mod close;
pub(crate) mod fatal;
pub(crate) mod flush;
pub(crate) mod main_thread;
pub(crate) mod metadata;
pub(crate) mod new;
pub(crate) mod produce;
pub(crate) mod purge;
