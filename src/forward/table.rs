//! Every public function without a native implementation: its prototype, its text for the header,
//! its answer.
//!
//! A file for each part of the header, a row for each function. The answers are in `absent.rs`;
//! functions with a door of their own in `capi/` have no row here.
#![allow(non_snake_case, unreachable_pub, unused_variables)]

mod admin_access;
mod admin_config;
mod admin_group;
mod admin_request;
mod admin_topic;
mod consumer;
mod debugging;
mod interceptor;
mod mock;
mod security;
mod share;
mod transaction;
