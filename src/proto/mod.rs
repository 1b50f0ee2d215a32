//! The protocol facts that are ours.
