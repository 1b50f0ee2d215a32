//! Universally unique ids. The object has its historical layout and lives on the C heap, so these
//! functions work as well on the ids that another library made.

use std::ffi::c_char;

use crate::abi::layout::layout;
use crate::abi::public::rd_kafka_Uuid_t;
use crate::sys::fence::export;
use crate::sys::heap;

/// Length of the text form, without its NUL.
const TEXT_LEN: usize = 22;

/// What `rd_kafka_Uuid_t` points at.
#[repr(C)]
struct Uuid {
    most_significant_bits: i64,
    least_significant_bits: i64,
    /// Written when the id is made; another library writes it when it is first asked for.
    text: [u8; TEXT_LEN + 1],
}

layout! { Uuid: size 40, align 8; most_significant_bits @ 0, least_significant_bits @ 8, text @ 16 }

export! {
    /// A new id of these bits; the caller owns it.
    fn rd_kafka_Uuid_new(
        most_significant_bits: i64,
        least_significant_bits: i64,
    ) -> *mut rd_kafka_Uuid_t {
        let text = base64(most_significant_bits, least_significant_bits);
        let uuid = heap::calloc(size_of::<Uuid>()).cast::<Uuid>();
        // SAFETY: the block is fresh, large enough and aligned for everything.
        unsafe { uuid.write(Uuid { most_significant_bits, least_significant_bits, text }) };
        uuid.cast()
    }

    /// A copy of the id; the caller owns it. NULL for NULL.
    ///
    /// # Safety
    /// `uuid` is NULL or a live id.
    fn rd_kafka_Uuid_copy(uuid: *const rd_kafka_Uuid_t) -> *mut rd_kafka_Uuid_t {
        if uuid.is_null() {
            return std::ptr::null_mut();
        }
        // SAFETY: a live id by the caller's contract.
        unsafe { rd_kafka_Uuid_new(bits(uuid).0, bits(uuid).1) }
    }

    /// The id in base64, without padding; it lives as long as the id. NULL for NULL.
    ///
    /// # Safety
    /// `uuid` is NULL or a live id that no other thread uses.
    fn rd_kafka_Uuid_base64str(uuid: *const rd_kafka_Uuid_t) -> *const c_char {
        if uuid.is_null() {
            return std::ptr::null();
        }
        // SAFETY: a live id by the caller's contract. The id is on the heap, never a constant, and
        // the cached text may be written although the argument is const: history did so too.
        unsafe {
            let text = &raw mut (*uuid.cast::<Uuid>().cast_mut()).text;
            if text.cast::<u8>().read() == 0 {
                text.write(base64(bits(uuid).0, bits(uuid).1));
            }
            text.cast()
        }
    }

    /// The lower half. 0 for NULL.
    ///
    /// # Safety
    /// `uuid` is NULL or a live id.
    fn rd_kafka_Uuid_least_significant_bits(uuid: *const rd_kafka_Uuid_t) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { bits(uuid).1 }
    }

    /// The upper half. 0 for NULL.
    ///
    /// # Safety
    /// `uuid` is NULL or a live id.
    fn rd_kafka_Uuid_most_significant_bits(uuid: *const rd_kafka_Uuid_t) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { bits(uuid).0 }
    }

    /// Destroys the id. NULL is allowed.
    ///
    /// # Safety
    /// The caller owns `uuid` and nobody uses it any more.
    fn rd_kafka_Uuid_destroy(uuid: *mut rd_kafka_Uuid_t) {
        // SAFETY: ids are blocks of the C heap; the rest is the caller's contract.
        unsafe { heap::free(uuid) }
    }
}

/// Both halves of an id; zeros for NULL.
///
/// # Safety
/// `uuid` is NULL or a live id.
unsafe fn bits(uuid: *const rd_kafka_Uuid_t) -> (i64, i64) {
    let uuid = uuid.cast::<Uuid>();
    if uuid.is_null() {
        return (0, 0);
    }
    // SAFETY: not NULL, and live by the caller's contract.
    unsafe { ((*uuid).most_significant_bits, (*uuid).least_significant_bits) }
}

/// The 16 bytes in base64 without padding, NUL-terminated.
fn base64(most_significant_bits: i64, least_significant_bits: i64) -> [u8; TEXT_LEN + 1] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = u128::from(most_significant_bits.cast_unsigned()) << 64
        | u128::from(least_significant_bits.cast_unsigned());
    let mut text = [0; TEXT_LEN + 1];
    for (at, letter) in text[..TEXT_LEN].iter_mut().enumerate() {
        // The last letter has two bits of the id and four zeros.
        let sextet = match at {
            21 => number << 4,
            _ => number >> (122 - 6 * at),
        };
        *letter = ALPHABET[(sextet & 63) as usize];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use std::ptr::null;

    fn text(most: i64, least: i64) -> String {
        String::from_utf8(base64(most, least)[..TEXT_LEN].to_vec()).expect("ASCII")
    }

    #[test]
    fn known_ids_have_their_known_texts() {
        assert_eq!(text(0, 0), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(text(-1, -1), "/////////////////////w");
        assert_eq!(text(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f), "AAECAwQFBgcICQoLDA0ODw");
        assert_eq!(text(0, 1), "AAAAAAAAAAAAAAAAAAAAAQ");
    }

    #[test]
    fn a_foreign_id_without_text_gets_one() {
        // SAFETY: the id is ours until it is destroyed.
        unsafe {
            let uuid = rd_kafka_Uuid_new(-1, 5);
            (*uuid.cast::<Uuid>()).text = [0; TEXT_LEN + 1];
            let copy = rd_kafka_Uuid_copy(uuid);
            for id in [uuid, copy] {
                let text = CStr::from_ptr(rd_kafka_Uuid_base64str(id));
                assert_eq!(text, c"//////////8AAAAAAAAABQ");
                assert_eq!(rd_kafka_Uuid_most_significant_bits(id), -1);
                assert_eq!(rd_kafka_Uuid_least_significant_bits(id), 5);
                rd_kafka_Uuid_destroy(id);
            }
        }
    }

    #[test]
    fn null_is_allowed() {
        // SAFETY: every function allows NULL.
        unsafe {
            assert!(rd_kafka_Uuid_copy(null()).is_null());
            assert!(rd_kafka_Uuid_base64str(null()).is_null());
            assert_eq!(rd_kafka_Uuid_least_significant_bits(null()), 0);
            assert_eq!(rd_kafka_Uuid_most_significant_bits(null()), 0);
            rd_kafka_Uuid_destroy(std::ptr::null_mut());
        }
    }
}
