//! TCP sockets: non-blocking, close-on-exec, never descriptor 0 to 2. The only file that writes to
//! a socket, because it knows to keep SIGPIPE from the host.
//!
//! Which address to connect to and what a failure means is left to `transport`.

use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::io::{self, IoSlice};
use std::mem::{MaybeUninit, size_of};
use std::os::fd::RawFd;

/// What closes a descriptor that the application opened.
pub(crate) type CloseHook = Box<dyn FnOnce(RawFd) + Send>;

/// An owned TCP socket; dropping it closes it.
pub(crate) struct Socket {
    fd: RawFd,
    close: Option<CloseHook>,
}

impl Socket {
    /// A new stream socket of an address family (`AF_INET` or `AF_INET6`).
    pub(crate) fn new(family: c_int) -> io::Result<Self> {
        let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: socket takes integers only.
        let fd = cvt(unsafe { libc::socket(family, kind, libc::IPPROTO_TCP) })?;
        Self { fd, close: None }.above_standard_streams()
    }

    /// Takes over a descriptor that the application opened, and makes it non-blocking. `close` is
    /// called instead of close(2), also if this fails. The number stays as it is: the application
    /// may know the socket by it.
    pub(crate) fn adopt(fd: RawFd, close: Option<CloseHook>) -> io::Result<Self> {
        let socket = Self { fd, close };
        // SAFETY: F_GETFL takes no further argument; a bad descriptor is reported, not used.
        let flags = cvt(unsafe { libc::fcntl(fd, libc::F_GETFL) })?;
        // SAFETY: F_SETFL takes one int.
        cvt(unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) })?;
        Ok(socket)
    }

    /// Installs what is called instead of close(2).
    pub(crate) fn set_close_hook(&mut self, close: CloseHook) {
        self.close = Some(close);
    }

    /// The descriptor, for poll and for callbacks.
    pub(crate) fn fd(&self) -> RawFd {
        self.fd
    }

    /// Begins to connect. Writable then means: look at [`Socket::take_error`].
    pub(crate) fn connect(&self, address: &Address) -> io::Result<()> {
        let (pointer, len) = address.as_raw();
        // SAFETY: `address` is live and `len` bytes long.
        match cvt(unsafe { libc::connect(self.fd, pointer, len) }) {
            Ok(_) => Ok(()),
            // Interrupted: the connection goes on being established, as with EINPROGRESS.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The error that waits at the socket, as an errno; 0 without one. Reading it clears it.
    pub(crate) fn take_error(&self) -> io::Result<c_int> {
        self.option(libc::SOL_SOCKET, libc::SO_ERROR)
    }

    /// Asks for a send buffer. The kernel doubles and bounds it.
    pub(crate) fn set_send_buffer(&self, bytes: c_int) -> io::Result<()> {
        self.set_option(libc::SOL_SOCKET, libc::SO_SNDBUF, bytes)
    }

    /// Asks for a receive buffer. The kernel doubles and bounds it.
    pub(crate) fn set_receive_buffer(&self, bytes: c_int) -> io::Result<()> {
        self.set_option(libc::SOL_SOCKET, libc::SO_RCVBUF, bytes)
    }

    /// Turns TCP keep-alives on.
    pub(crate) fn enable_keepalive(&self) -> io::Result<()> {
        self.set_option(libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)
    }

    /// Turns Nagle's algorithm off.
    pub(crate) fn disable_nagle(&self) -> io::Result<()> {
        self.set_option(libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)
    }

    /// Sends from up to [`SLICES_MAX`] slices. Returns how many bytes the kernel took; `WouldBlock`
    /// if none fit.
    pub(crate) fn send_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = slices.len().min(SLICES_MAX);
        // SAFETY: all-zero is a valid msghdr: no name, no control data, no slices.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        // sendmsg does not write through the pointer.
        header.msg_iov = slices.as_ptr().cast_mut().cast::<libc::iovec>();
        header.msg_iovlen = count as _;
        // SAFETY: IoSlice has the layout of iovec on Unix, and the first `count` of them are
        // borrowed for the call.
        retry(|| unsafe {
            libc::sendmsg(self.fd, &raw const header, libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT)
        })
    }

    /// Receives into `bytes`. 0: the peer closed (or `bytes` is empty); `WouldBlock` if nothing is
    /// there.
    pub(crate) fn recv(&self, bytes: &mut [u8]) -> io::Result<usize> {
        // SAFETY: pointer and length are those of `bytes`, which is borrowed mutably for the call.
        retry(|| unsafe {
            libc::recv(self.fd, bytes.as_mut_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT)
        })
    }

    /// Receives up to `max` bytes behind the end of `bytes`, without clearing that memory first.
    pub(crate) fn recv_into(&self, bytes: &mut Vec<u8>, max: usize) -> io::Result<usize> {
        bytes.reserve(max);
        let spare = &mut bytes.spare_capacity_mut()[..max];
        // SAFETY: the kernel writes at most `max` bytes into the spare capacity, which is that
        // long.
        let count = retry(|| unsafe {
            libc::recv(self.fd, spare.as_mut_ptr().cast(), max, libc::MSG_DONTWAIT)
        })?;
        // SAFETY: `count` bytes behind the old end were written by recv, within the capacity.
        unsafe { bytes.set_len(bytes.len() + count) };
        Ok(count)
    }

    /// A listener on a free port of the loopback address of a family.
    #[cfg(test)]
    pub(crate) fn listen_loopback(family: c_int) -> io::Result<(Self, Address)> {
        let socket = Self::new(family)?;
        let address = match family {
            libc::AF_INET6 => Address::ipv6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 0),
            _ => Address::ipv4([127, 0, 0, 1], 0),
        };
        let (pointer, len) = address.as_raw();
        // SAFETY: `address` is live and `len` bytes long.
        cvt(unsafe { libc::bind(socket.fd, pointer, len) })?;
        // SAFETY: listen takes integers only.
        cvt(unsafe { libc::listen(socket.fd, 128) })?;
        let bound = socket.local_address()?;
        Ok((socket, bound))
    }

    /// The next waiting connection of a listener; `None` if there is none.
    #[cfg(test)]
    pub(crate) fn accept(&self) -> io::Result<Option<Self>> {
        let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: accept4 allows NULL for an address that nobody wants.
        let accepted = retry(|| unsafe {
            libc::accept4(self.fd, std::ptr::null_mut(), std::ptr::null_mut(), flags) as isize
        });
        match accepted {
            Ok(fd) => Self { fd: fd as RawFd, close: None }.above_standard_streams().map(Some),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            // The peer gave up before we came.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The address this end is bound to.
    #[cfg(test)]
    pub(crate) fn local_address(&self) -> io::Result<Address> {
        let mut address = Address::unspecified();
        let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        let pointer = (&raw mut address.storage).cast::<libc::sockaddr>();
        // SAFETY: `pointer` is to a whole sockaddr_storage and `len` says so.
        cvt(unsafe { libc::getsockname(self.fd, pointer, &raw mut len) })?;
        address.len = len;
        Ok(address)
    }

    /// Moves the socket above the three standard descriptors: a host that closed them must not find
    /// its output in a broker connection.
    fn above_standard_streams(self) -> io::Result<Self> {
        if self.fd > libc::STDERR_FILENO {
            return Ok(self);
        }
        // SAFETY: F_DUPFD_CLOEXEC takes one int. The old number is closed when `self` drops.
        let fd = cvt(unsafe { libc::fcntl(self.fd, libc::F_DUPFD_CLOEXEC, 3) })?;
        Ok(Self { fd, close: None })
    }

    fn set_option(&self, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
        let len = size_of::<c_int>() as libc::socklen_t;
        // SAFETY: the option is an int, and `value` is one.
        cvt(unsafe { libc::setsockopt(self.fd, level, name, (&raw const value).cast(), len) })?;
        Ok(())
    }

    fn option(&self, level: c_int, name: c_int) -> io::Result<c_int> {
        let mut value: c_int = 0;
        let mut len = size_of::<c_int>() as libc::socklen_t;
        let pointer = (&raw mut value).cast();
        // SAFETY: the option is an int, and `value` is one.
        cvt(unsafe { libc::getsockopt(self.fd, level, name, pointer, &raw mut len) })?;
        Ok(value)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(close) = self.close.take() {
            return close(self.fd);
        }
        // SAFETY: this object owns the descriptor and is gone afterwards. Linux closes it whatever
        // close returns.
        unsafe { libc::close(self.fd) };
    }
}

/// How many slices one send takes: the kernel's limit (`IOV_MAX`).
pub(crate) const SLICES_MAX: usize = 1024;

/// An IPv4 or IPv6 address with its port, as the socket calls want it.
#[derive(Clone, Copy)]
pub(crate) struct Address {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl Address {
    /// An IPv4 address.
    #[cfg(test)]
    pub(crate) fn ipv4(octets: [u8; 4], port: u16) -> Self {
        let inner = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: port.to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(octets) },
            sin_zero: [0; 8],
        };
        // SAFETY: `inner` is a whole sockaddr_in and lives for the call.
        unsafe { Self::from_raw((&raw const inner).cast(), size_of_val(&inner)) }
            .expect("an IPv4 address fits")
    }

    /// An IPv6 address without a scope.
    #[cfg(test)]
    pub(crate) fn ipv6(octets: [u8; 16], port: u16) -> Self {
        let inner = libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as libc::sa_family_t,
            sin6_port: port.to_be(),
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: octets },
            sin6_scope_id: 0,
        };
        // SAFETY: `inner` is a whole sockaddr_in6 and lives for the call.
        unsafe { Self::from_raw((&raw const inner).cast(), size_of_val(&inner)) }
            .expect("an IPv6 address fits")
    }

    /// A copy of a C address; `None` if it is NULL, of another family than IPv4 and IPv6, or
    /// shorter than its family needs.
    ///
    /// # Safety
    /// `pointer` is NULL or points to `len` readable bytes.
    pub(crate) unsafe fn from_raw(pointer: *const libc::sockaddr, len: usize) -> Option<Self> {
        if pointer.is_null() || len < size_of::<libc::sa_family_t>() {
            return None;
        }
        // SAFETY: the caller's contract: two bytes at least. The pointer may be unaligned.
        let family = unsafe { (&raw const (*pointer).sa_family).read_unaligned() };
        let wanted = match c_int::from(family) {
            libc::AF_INET => size_of::<libc::sockaddr_in>(),
            libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
            _ => return None,
        };
        if len < wanted {
            return None;
        }
        let mut address = Self::unspecified();
        let target = (&raw mut address.storage).cast::<u8>();
        // SAFETY: `wanted` bytes are readable (checked against `len`) and fit a sockaddr_storage.
        unsafe { std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), target, wanted) };
        address.len = wanted as libc::socklen_t;
        Some(address)
    }

    /// The C form: borrowed from this object.
    pub(crate) fn as_raw(&self) -> (*const libc::sockaddr, libc::socklen_t) {
        ((&raw const self.storage).cast(), self.len)
    }

    /// `AF_INET` or `AF_INET6`.
    pub(crate) fn family(&self) -> c_int {
        c_int::from(self.storage.ss_family)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        // SAFETY: both families have the port in network order right behind the family, and
        // `storage` is large enough and aligned for either.
        let port = unsafe { (*(&raw const self.storage).cast::<libc::sockaddr_in>()).sin_port };
        u16::from_be(port)
    }

    fn unspecified() -> Self {
        // SAFETY: all-zero is a valid sockaddr_storage (AF_UNSPEC).
        Self { storage: unsafe { std::mem::zeroed() }, len: 0 }
    }
}

impl PartialEq for Address {
    /// Same address, as it would be printed.
    fn eq(&self, other: &Self) -> bool {
        self.family() == other.family() && self.to_string() == other.to_string()
    }
}

impl Eq for Address {}

/// `ipv4#10.0.0.1:9092` or `ipv6#[::1]:9092`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut host = [0 as c_char; 128];
        let (pointer, len) = self.as_raw();
        let host_len = host.len() as libc::socklen_t;
        // SAFETY: address and buffer are live with the lengths given; no service is asked for.
        let failed = unsafe {
            libc::getnameinfo(
                pointer,
                len,
                host.as_mut_ptr(),
                host_len,
                std::ptr::null_mut(),
                0,
                libc::NI_NUMERICHOST,
            )
        };
        if failed != 0 {
            return write!(f, "<unsupported:{}>", self.family());
        }
        // SAFETY: getnameinfo succeeded, so it wrote a NUL-terminated text into `host`.
        let host = unsafe { CStr::from_ptr(host.as_ptr()) }.to_string_lossy();
        match self.family() {
            libc::AF_INET6 => write!(f, "ipv6#[{host}]:{}", self.port()),
            _ => write!(f, "ipv4#{host}:{}", self.port()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The system's text of an errno, without the number that `io::Error` adds.
pub(crate) fn errno_text(errno: c_int) -> String {
    let mut text = [MaybeUninit::<c_char>::zeroed(); 128];
    // SAFETY: the buffer is live and as long as said. This is the POSIX form, which fills the
    // buffer.
    unsafe { libc::strerror_r(errno, text.as_mut_ptr().cast(), text.len()) };
    // SAFETY: the buffer was all zero, and strerror_r ends what it writes with a NUL.
    unsafe { CStr::from_ptr(text.as_ptr().cast()) }.to_string_lossy().into_owned()
}

/// The system's text of an error.
pub(crate) fn error_text(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), errno_text)
}

fn cvt(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Repeats a call while signals interrupt it.
fn retry(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, Ordering};

    use super::*;
    use crate::sys::poll::{PollFd, poll};

    fn pair() -> (Socket, Socket) {
        let (listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        let client = Socket::new(libc::AF_INET).expect("a socket");
        client.connect(&address).expect("loopback connects");
        wait(&listener, true, false);
        let server = listener.accept().expect("accept works").expect("a connection waits");
        wait(&client, false, true);
        assert_eq!(client.take_error().expect("SO_ERROR"), 0);
        (client, server)
    }

    fn wait(socket: &Socket, read: bool, write: bool) {
        let mut fds = [PollFd::new(socket.fd(), read, write)];
        assert_eq!(poll(&mut fds, 5_000_000), 1, "nothing happened at the socket");
    }

    fn is_flag_set(fd: RawFd, query: c_int, flag: c_int) -> bool {
        // SAFETY: F_GETFD and F_GETFL take no argument.
        unsafe { libc::fcntl(fd, query) & flag != 0 }
    }

    #[test]
    fn addresses_print_in_the_historical_form() {
        assert_eq!(Address::ipv4([10, 0, 0, 1], 9092).to_string(), "ipv4#10.0.0.1:9092");
        let mut octets = [0; 16];
        octets[15] = 1;
        let address = Address::ipv6(octets, 65535);
        assert_eq!(address.to_string(), "ipv6#[::1]:65535");
        assert_eq!((address.family(), address.port()), (libc::AF_INET6, 65535));
    }

    #[test]
    fn short_foreign_and_missing_addresses_are_refused() {
        let address = Address::ipv4([127, 0, 0, 1], 1);
        let (pointer, len) = address.as_raw();
        let mut unix = address;
        unix.storage.ss_family = libc::AF_UNIX as libc::sa_family_t;
        // SAFETY: every pointer is NULL or to a live address at least as long as said.
        unsafe {
            assert_eq!(Address::from_raw(pointer, len as usize), Some(address));
            assert_eq!(Address::from_raw(pointer, len as usize - 1), None);
            assert_eq!(Address::from_raw(pointer, 1), None);
            assert_eq!(Address::from_raw(unix.as_raw().0, len as usize), None);
            assert_eq!(Address::from_raw(std::ptr::null(), 16), None);
        }
    }

    #[test]
    fn bytes_arrive_in_order_and_behind_what_was_there() {
        let (client, server) = pair();

        let sent = client
            .send_vectored(&[IoSlice::new(b"abc"), IoSlice::new(b""), IoSlice::new(b"def")])
            .expect("send works");
        assert_eq!(sent, 6);

        wait(&server, true, false);
        let mut bytes = b"have ".to_vec();
        assert_eq!(server.recv_into(&mut bytes, 4).expect("recv works"), 4);
        assert_eq!(bytes, b"have abcd");
        let mut rest = [0; 8];
        assert_eq!(server.recv(&mut rest).expect("recv works"), 2);
        assert_eq!(&rest[..2], b"ef");
        let empty = server.recv_into(&mut bytes, 4).expect_err("nothing is left");
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(bytes, b"have abcd");
    }

    #[test]
    fn more_slices_than_the_kernel_takes_are_sent_in_part() {
        let (client, _server) = pair();
        let slices = vec![IoSlice::new(b"x"); SLICES_MAX + 1];
        assert_eq!(client.send_vectored(&slices).expect("send works"), SLICES_MAX);
    }

    #[test]
    fn a_full_send_buffer_is_would_block() {
        let (client, _server) = pair();
        let block = vec![0u8; 1 << 20];
        let error = loop {
            if let Err(error) = client.send_vectored(&[IoSlice::new(&block)]) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn sending_to_a_closed_peer_is_an_error_and_no_signal() {
        // A test binary ignores SIGPIPE, so the default is put back: a signal would end this
        // process. SAFETY: SIG_DFL is a valid disposition.
        let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let (client, server) = pair();
        drop(server);
        wait(&client, true, false);

        let error = loop {
            if let Err(error) = client.send_vectored(&[IoSlice::new(b"x")]) {
                break error;
            }
        };

        // SAFETY: what signal returned before.
        unsafe { libc::signal(libc::SIGPIPE, before) };
        assert!(matches!(error.raw_os_error(), Some(libc::EPIPE | libc::ECONNRESET)), "{error}");
    }

    #[test]
    fn a_closed_peer_reads_as_zero_bytes() {
        let (client, server) = pair();
        drop(server);
        wait(&client, true, false);
        assert_eq!(client.recv_into(&mut Vec::new(), 16).expect("end of stream"), 0);
    }

    #[test]
    fn own_sockets_are_nonblocking_and_close_on_exec() {
        let (client, server) = pair();
        for socket in [&client, &server] {
            assert!(socket.fd() > 2);
            assert!(is_flag_set(socket.fd(), libc::F_GETFD, libc::FD_CLOEXEC));
            assert!(is_flag_set(socket.fd(), libc::F_GETFL, libc::O_NONBLOCK));
        }
    }

    #[test]
    fn own_sockets_stay_above_standard_streams_that_the_host_closed() {
        // In a process of its own: this one needs its standard streams.
        const CHILD: &str = "RDKAFKA_TEST_CLOSED_STREAMS";
        const NAME: &str =
            "sys::socket::tests::own_sockets_stay_above_standard_streams_that_the_host_closed";
        if std::env::var_os(CHILD).is_some() {
            // SAFETY: nobody in this process reads its standard input.
            unsafe { libc::close(libc::STDIN_FILENO) };
            let socket = Socket::new(libc::AF_INET).expect("a socket");
            assert!(socket.fd() > libc::STDERR_FILENO, "descriptor {}", socket.fd());
            assert!(is_flag_set(socket.fd(), libc::F_GETFD, libc::FD_CLOEXEC));
            assert!(is_flag_set(socket.fd(), libc::F_GETFL, libc::O_NONBLOCK));
            // SAFETY: F_GETFD takes no argument.
            let closed = unsafe { libc::fcntl(libc::STDIN_FILENO, libc::F_GETFD) };
            assert_eq!(closed, -1, "the first number was not given back");
            return;
        }

        let output = std::process::Command::new(std::env::current_exe().expect("this file"))
            .args(["--exact", NAME])
            .env(CHILD, "1")
            .output()
            .expect("the child runs");

        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("1 passed"), "{text}");
    }

    #[test]
    fn an_adopted_descriptor_keeps_its_number_and_is_closed_by_the_hook() {
        // SAFETY: integers only.
        let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
        let closed = Arc::new(AtomicI32::new(-1));
        let seen = Arc::clone(&closed);
        let hook: CloseHook = Box::new(move |fd| {
            // SAFETY: the hook owns the descriptor now.
            unsafe { libc::close(fd) };
            seen.store(fd, Ordering::Relaxed);
        });

        let socket = Socket::adopt(fd, Some(hook)).expect("adoption works");
        assert_eq!(socket.fd(), fd);
        assert!(is_flag_set(fd, libc::F_GETFL, libc::O_NONBLOCK));
        drop(socket);

        assert_eq!(closed.load(Ordering::Relaxed), fd);
    }

    #[test]
    fn a_bad_descriptor_is_not_adopted_but_handed_back() {
        let closed = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&closed);
        let hook: CloseHook = Box::new(move |fd| seen.store(fd, Ordering::Relaxed));
        let error = Socket::adopt(-7, Some(hook)).err().expect("no such descriptor");
        assert_eq!(error_text(&error), "Bad file descriptor");
        assert_eq!(closed.load(Ordering::Relaxed), -7);
    }

    #[test]
    fn options_reach_the_kernel() {
        let socket = Socket::new(libc::AF_INET).expect("a socket");
        socket.set_send_buffer(40_000).expect("SO_SNDBUF");
        socket.set_receive_buffer(50_000).expect("SO_RCVBUF");
        socket.enable_keepalive().expect("SO_KEEPALIVE");
        socket.disable_nagle().expect("TCP_NODELAY");
        // The kernel answers the doubled size.
        let read = |level, name| socket.option(level, name).expect("getsockopt");
        assert_eq!(read(libc::SOL_SOCKET, libc::SO_SNDBUF), 80_000);
        assert_eq!(read(libc::SOL_SOCKET, libc::SO_RCVBUF), 100_000);
        assert_eq!(read(libc::SOL_SOCKET, libc::SO_KEEPALIVE), 1);
        assert_eq!(read(libc::IPPROTO_TCP, libc::TCP_NODELAY), 1);
    }

    #[test]
    fn errno_texts_have_no_number() {
        assert_eq!(errno_text(libc::ECONNREFUSED), "Connection refused");
        assert_eq!(errno_text(99_999), "Unknown error 99999");
    }
}
