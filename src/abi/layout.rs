//! The `layout!` macro: size, alignment and offsets of a C struct, checked by the compiler.
#![forbid(unsafe_code)]

/// Asserts at compile time that a struct has the historical size and its fields the historical
/// offsets. A field of a field is written `outer.inner`.
macro_rules! layout {
    ($type:ty: size $size:literal, align $align:literal;
     $($($field:ident).+ @ $offset:literal),* $(,)?) => {
        #[cfg(target_pointer_width = "64")]
        const _: () = {
            assert!(std::mem::size_of::<$type>() == $size);
            assert!(std::mem::align_of::<$type>() == $align);
            $(assert!(std::mem::offset_of!($type, $($field).+) == $offset);)*
        };
    };
}
pub(crate) use layout;
