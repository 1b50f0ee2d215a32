//! The owners: Rust types that own what C code may see, and the objects that several threads share.
//!
//! Rules: one file, one object; its first paragraph says who allocates, who frees and what keeps
//! two users apart. No policy, no logging, no protocol here. Files without `forbid(unsafe_code)`
//! are the audit list of this folder.

pub(crate) mod account;
pub(crate) mod arena;
pub(crate) mod averages;
pub(crate) mod backref;
pub(crate) mod broker;
pub(crate) mod broker_names;
mod broker_ops;
mod broker_toppars;
pub(crate) mod buf;
pub(crate) mod bufq;
pub(crate) mod bytes;
pub(crate) mod eos;
#[cfg(test)]
pub(crate) mod fixture;
mod framed;
pub(crate) mod headers;
pub(crate) mod list;
pub(crate) mod lot;
pub(crate) mod mark;
pub(crate) mod msg;
pub(crate) mod msgbatch;
pub(crate) mod msgq;
pub(crate) mod msgset_writer;
pub(crate) mod partition_list;
pub(crate) mod produce_result;
pub(crate) mod producer_v2;
pub(crate) mod reply_tags;
pub(crate) mod reported;
pub(crate) mod segbuf;
pub(crate) mod slab;
pub(crate) mod stats_tree;
pub(crate) mod store;
pub(crate) mod topic;
pub(crate) mod toppar;
mod toppar_v2;
pub(crate) mod window;
