//! Host lookup by the system, and the C form of its questions and answers.
//!
//! Caching, rotation and the application's own lookup are left to `transport` and `callback`.

use std::ffi::{CStr, c_int};
use std::io;

/// The address that a host is, if it is no name.
pub(crate) fn literal(host: &str) -> Option<std::net::IpAddr> {
    host.parse().ok()
}

use super::socket::{Address, errno_text};

/// The question that goes with every lookup: stream sockets of one family (`AF_UNSPEC`, `AF_INET`
/// or `AF_INET6`), and only families that this host has an address of.
pub(crate) fn hints(family: c_int) -> libc::addrinfo {
    libc::addrinfo {
        ai_flags: libc::AI_ADDRCONFIG,
        ai_family: family,
        ai_socktype: libc::SOCK_STREAM,
        ai_protocol: libc::IPPROTO_TCP,
        ai_addrlen: 0,
        ai_addr: std::ptr::null_mut(),
        ai_canonname: std::ptr::null_mut(),
        ai_next: std::ptr::null_mut(),
    }
}

/// Asks the system. Blocks until it has an answer. An error is the text for the user.
pub(crate) fn lookup(node: &CStr, service: &CStr, family: c_int) -> Result<Vec<Address>, String> {
    let hints = hints(family);
    let mut list = std::ptr::null_mut();
    // SAFETY: both texts end with NUL, hints and result are live; on success the list is ours to
    // free.
    let code = unsafe {
        libc::getaddrinfo(node.as_ptr(), service.as_ptr(), &raw const hints, &raw mut list)
    };
    if code != 0 {
        return Err(failure_text(code));
    }
    // SAFETY: getaddrinfo succeeded, so `list` is its list, not yet freed.
    let addresses = unsafe { addresses(list) };
    if !list.is_null() {
        // SAFETY: the list came from getaddrinfo, and `addresses` copied what it needs.
        unsafe { libc::freeaddrinfo(list) };
    }
    Ok(addresses)
}

/// The IPv4 and IPv6 addresses of a list, in its order.
///
/// # Safety
/// `list` is NULL or the head of a list as getaddrinfo makes it.
pub(crate) unsafe fn addresses(list: *const libc::addrinfo) -> Vec<Address> {
    let mut found = Vec::new();
    let mut next = list;
    while !next.is_null() {
        // SAFETY: the caller's contract: every entry is live, and its address is `ai_addrlen` bytes
        // long.
        unsafe {
            let (address, len) = ((*next).ai_addr, (*next).ai_addrlen);
            found.extend(Address::from_raw(address, len as usize));
            next = (*next).ai_next;
        }
    }
    found
}

/// The text of a failure code of getaddrinfo. Call it before anything that changes errno.
pub(crate) fn failure_text(code: c_int) -> String {
    if code == libc::EAI_SYSTEM {
        let errno = io::Error::last_os_error().raw_os_error();
        return errno_text(errno.unwrap_or(0));
    }
    // SAFETY: gai_strerror gives a static text for every code.
    unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_hosts_are_answered_without_a_server() {
        let found = lookup(c"127.0.0.1", c"9092", libc::AF_UNSPEC).expect("a numeric address");
        assert_eq!(found, [Address::ipv4([127, 0, 0, 1], 9092)]);
    }

    #[test]
    fn an_address_of_the_other_family_is_a_failure_with_the_systems_text() {
        let text = lookup(c"127.0.0.1", c"9092", libc::AF_INET6).expect_err("not IPv6");
        assert_eq!(text, "Address family for hostname not supported");
    }

    #[test]
    fn failure_codes_have_the_systems_texts() {
        assert_eq!(failure_text(libc::EAI_NONAME), "Name or service not known");
    }
}
