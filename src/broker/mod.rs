//! Stations 4, 6 and 7 of 9: the broker thread's turn; requests out, responses in. Before:
//! [`topic`](crate::topic). After: [`engine`](crate::engine), then [`delivery`](crate::delivery).
#![forbid(unsafe_code)]

pub(crate) mod action;
pub(crate) mod auth;
pub(crate) mod connection;
pub(crate) mod receive;
pub(crate) mod request;
pub(crate) mod send;
pub(crate) mod set;
pub(crate) mod step;
pub(crate) mod thread;
pub(crate) mod timeout;
pub(crate) mod version;
