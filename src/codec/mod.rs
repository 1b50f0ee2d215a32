//! Compression codecs: one file each.
