//! The only caller of application code: each callback is a C function pointer with its opaque, and
//! one `invoke`.
//!
//! When a callback is due, on which thread and with what is decided elsewhere. An exception that
//! leaves a callback ends the process here, where it happened, instead of unwinding through frames
//! that cannot take it.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::os::fd::RawFd;

use crate::abi::callbacks::*;
use crate::abi::public::{rd_kafka_event_t, rd_kafka_message_t, rd_kafka_t};
use crate::abi::stats::rd_kafka_stats_t;
use crate::own::topic::Topic;
use crate::sys::lock::assert_only_held;
use crate::sys::resolve;
use crate::sys::socket::Address;

/// A pointer of the application that is only ever handed back to it.
#[derive(Clone, Copy)]
pub(crate) struct Opaque(pub(crate) *mut c_void);

// SAFETY: the pointer is never followed here. The application registered it to get it back on
// whichever thread calls back, so passing it between threads is what was asked for.
unsafe impl Send for Opaque {}
// SAFETY: as above; sharing a reference gives nothing but a copy of the pointer.
unsafe impl Sync for Opaque {}

/// `socket_cb`: the application opens the socket.
#[derive(Clone, Copy)]
pub(crate) struct SocketCallback {
    pub(crate) function: SocketCb,
    pub(crate) opaque: Opaque,
}

impl SocketCallback {
    /// A descriptor for a family, or what errno says about the failure.
    pub(crate) fn invoke(&self, family: c_int) -> io::Result<RawFd> {
        let fd = guarded("socket_cb", || {
            // SAFETY: the application registered the function as a `socket_cb`, with this opaque.
            unsafe { (self.function)(family, libc::SOCK_STREAM, libc::IPPROTO_TCP, self.opaque.0) }
        });
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(fd) }
    }
}

/// `connect_cb`: the application connects a socket.
#[derive(Clone, Copy)]
pub(crate) struct ConnectCallback {
    pub(crate) function: ConnectCb,
    pub(crate) opaque: Opaque,
}

impl ConnectCallback {
    /// Connects `fd`; `name` is the broker's `host:port`. 0, or an errno.
    pub(crate) fn invoke(&self, fd: RawFd, address: &Address, name: &CStr) -> c_int {
        let (pointer, len) = address.as_raw();
        guarded("connect_cb", || {
            // SAFETY: registered as a `connect_cb`, with this opaque; address and name live for the
            // call.
            unsafe { (self.function)(fd, pointer, len as c_int, name.as_ptr(), self.opaque.0) }
        })
    }
}

/// `closesocket_cb`: the application closes a socket.
#[derive(Clone, Copy)]
pub(crate) struct CloseSocketCallback {
    pub(crate) function: CloseSocketCb,
    pub(crate) opaque: Opaque,
}

impl CloseSocketCallback {
    /// Closes `fd`. There is nothing to do about a failure, so the answer is not looked at.
    pub(crate) fn invoke(&self, fd: RawFd) {
        guarded("closesocket_cb", || {
            // SAFETY: registered as a `closesocket_cb`, with this opaque.
            unsafe { (self.function)(fd, self.opaque.0) }
        });
    }
}

/// `resolve_cb`: the application looks hosts up.
#[derive(Clone, Copy)]
pub(crate) struct ResolveCallback {
    pub(crate) function: ResolveCb,
    pub(crate) opaque: Opaque,
}

impl ResolveCallback {
    /// The addresses of a host and port, or the text of the failure.
    pub(crate) fn invoke(
        &self,
        node: &CStr,
        service: &CStr,
        family: c_int,
    ) -> Result<Vec<Address>, String> {
        let hints = resolve::hints(family);
        let mut list = std::ptr::null_mut();
        let code = guarded("resolve_cb", || {
            // SAFETY: registered as a `resolve_cb`, with this opaque; texts, hints and result live
            // for the call.
            unsafe {
                (self.function)(
                    node.as_ptr(),
                    service.as_ptr(),
                    &raw const hints,
                    &raw mut list,
                    self.opaque.0,
                )
            }
        });
        if code != 0 {
            return Err(resolve::failure_text(code));
        }
        // SAFETY: the callback succeeded, so it left NULL or a list in getaddrinfo's form.
        let addresses = unsafe { resolve::addresses(list) };
        guarded("resolve_cb", || {
            // SAFETY: without a host and a port the same function frees the list it gave; it is not
            // used afterwards.
            unsafe {
                (self.function)(
                    std::ptr::null(),
                    std::ptr::null(),
                    std::ptr::null(),
                    &raw mut list,
                    self.opaque.0,
                )
            }
        });
        Ok(addresses)
    }
}

fn text(bytes: &str) -> CString {
    CString::new(bytes.replace('\0', " ")).unwrap_or_default()
}

fn instance(address: usize) -> *mut rd_kafka_t {
    address as *mut rd_kafka_t
}

/// `dr_msg_cb`.
pub(crate) fn report(
    function: DrMsgCb,
    rk: usize,
    message: *const rd_kafka_message_t,
    opaque: usize,
) {
    // SAFETY: the application registered this function for such calls; `message` lives through the
    // call.
    called("dr_msg_cb", rk, || unsafe { function(instance(rk), message, opaque as *mut c_void) });
}

/// `dr_cb`.
pub(crate) fn report_old(
    function: DrCb,
    rk: usize,
    message: *const rd_kafka_message_t,
    opaque: usize,
) {
    // SAFETY: as above; the message is alive and its fields are plain.
    called("dr_cb", rk, || unsafe {
        let message = &*message;
        function(
            instance(rk),
            message.payload,
            message.len,
            message.err,
            opaque as *mut c_void,
            message._private,
        );
    });
}

/// `error_cb`.
pub(crate) fn error(function: ErrorCb, rk: usize, code: i32, reason: &str, opaque: usize) {
    let reason = text(reason);
    // SAFETY: the application registered this function for such calls; the text lives through the
    // call.
    called("error_cb", rk, || unsafe {
        function(instance(rk), code, reason.as_ptr(), opaque as *mut c_void);
    });
}

/// `throttle_cb`.
pub(crate) fn throttle(
    function: ThrottleCb,
    rk: usize,
    broker: &str,
    id: i32,
    throttle_ms: i32,
    opaque: usize,
) {
    let broker = text(broker);
    // SAFETY: as above.
    called("throttle_cb", rk, || unsafe {
        function(instance(rk), broker.as_ptr(), id, throttle_ms, opaque as *mut c_void);
    });
}

/// `stats_cb`; `json` is on the C heap and NUL-terminated. `true`: the application keeps it.
pub(crate) fn stats(
    function: StatsCb,
    rk: usize,
    json: *mut c_char,
    len: usize,
    opaque: usize,
) -> bool {
    // SAFETY: as above.
    called("stats_cb", rk, || unsafe {
        function(instance(rk), json, len, opaque as *mut c_void) != 0
    })
}

/// `stats_cb_typed`; the structs live through the call.
pub(crate) fn stats_typed(
    function: StatsTypedCb,
    rk: usize,
    stats: *const rd_kafka_stats_t,
    opaque: usize,
) {
    // SAFETY: as above.
    called("stats_cb_typed", rk, || unsafe {
        function(instance(rk), stats, opaque as *mut c_void);
    });
}

/// `log_cb`.
pub(crate) fn log(function: LogCb, rk: usize, level: i32, facility: &str, line: &str) {
    let (facility, line) = (text(facility), text(line));
    // SAFETY: as above.
    called("log_cb", rk, || unsafe {
        function(instance(rk), level, facility.as_ptr(), line.as_ptr());
    });
}

/// `background_event_cb`; the application destroys the event.
pub(crate) fn background(
    function: BackgroundEventCb,
    rk: usize,
    event: *mut rd_kafka_event_t,
    opaque: usize,
) {
    // SAFETY: as above; the event is the application's from now on.
    called("background_event_cb", rk, || unsafe {
        function(instance(rk), event, opaque as *mut c_void);
    });
}

/// The callback of `rd_kafka_queue_cb_event_enable`.
pub(crate) fn queue_event(function: QueueEventCb, rk: usize, opaque: usize) {
    // SAFETY: as above.
    called("event_cb", rk, || unsafe { function(instance(rk), opaque as *mut c_void) });
}

/// A topic's partitioner.
pub(crate) fn partition(
    function: PartitionerCb,
    topic: &Topic,
    key: Option<&[u8]>,
    count: i32,
    message_opaque: *mut c_void,
) -> i32 {
    let (pointer, len) = key.map_or((std::ptr::null(), 0), |key| (key.as_ptr(), key.len()));
    let opaque = topic.settings.opaque as *mut c_void;
    // SAFETY: as above; key and topic live through the call.
    guarded("partitioner_cb", || unsafe {
        function(topic.as_c(), pointer.cast(), len, count, opaque, message_opaque)
    })
}

thread_local! {
    /// The instance whose callback runs on this thread, the innermost one; else 0. A plain cell: it
    /// needs no destructor.
    static CALLED_FOR: Cell<usize> = const { Cell::new(0) };
}

/// Does a callback of this instance run on this thread? It cannot end while it does.
pub(crate) fn runs_for(rk: usize) -> bool {
    CALLED_FOR.get() == rk
}

/// As [`guarded`], for a callback that an instance makes.
fn called<R>(name: &'static str, rk: usize, call: impl FnOnce() -> R) -> R {
    let outer = CALLED_FOR.replace(rk);
    let answer = guarded(name, call);
    CALLED_FOR.set(outer);
    answer
}

/// Runs a call into the application. If an exception (or a Rust panic of the application) comes out
/// of it, the process ends with a message that names the callback.
fn guarded<R>(name: &'static str, call: impl FnOnce() -> R) -> R {
    assert_only_held(&[]);
    let guard = EndProcess(name);
    let answer = call();
    std::mem::forget(guard);
    answer
}

/// Dropped only by unwinding: [`guarded`] forgets it otherwise.
struct EndProcess(&'static str);

impl Drop for EndProcess {
    fn drop(&mut self) {
        let parts = ["*** an exception left the application's ", self.0, ": ending the process\n"];
        let slices = parts.map(|part| libc::iovec {
            iov_base: part.as_ptr().cast_mut().cast(),
            iov_len: part.len(),
        });
        // SAFETY: the slices are the live parts; writev only reads them. No formatting, no lock:
        // this is the process's last act.
        unsafe { libc::writev(libc::STDERR_FILENO, slices.as_ptr(), slices.len() as c_int) };
        std::process::abort();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::ffi::c_char;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A stand-in for an application: its callbacks note each call and answer as the fields say. It
    /// must outlive whatever its callbacks were given to.
    #[derive(Default)]
    pub(crate) struct Application {
        pub(crate) calls: Mutex<Vec<String>>,
        /// Not 0: `socket_cb` refuses with it.
        pub(crate) socket_errno: c_int,
        /// Not 0: `connect_cb` does nothing and answers it.
        pub(crate) connect_errno: c_int,
        /// What `resolve_cb` answers; another one answers the second time if there is.
        pub(crate) addresses: Mutex<Vec<Vec<Address>>>,
        /// Not 0: `resolve_cb` answers it.
        pub(crate) resolve_code: c_int,
        /// `closesocket_cb` panics.
        pub(crate) throws_on_close: AtomicBool,
    }

    impl Application {
        pub(crate) fn calls(&self) -> Vec<String> {
            self.calls.lock().expect("no test panics in a callback").clone()
        }

        pub(crate) fn socket_callback(&self) -> SocketCallback {
            SocketCallback { function: open, opaque: self.opaque() }
        }

        pub(crate) fn connect_callback(&self) -> ConnectCallback {
            ConnectCallback { function: connect, opaque: self.opaque() }
        }

        pub(crate) fn close_callback(&self) -> CloseSocketCallback {
            CloseSocketCallback { function: close, opaque: self.opaque() }
        }

        pub(crate) fn resolve_callback(&self) -> ResolveCallback {
            ResolveCallback { function: look_up, opaque: self.opaque() }
        }

        fn opaque(&self) -> Opaque {
            Opaque((&raw const *self).cast_mut().cast())
        }

        fn note(&self, call: String) {
            self.calls.lock().expect("no test panics in a callback").push(call);
        }
    }

    fn set_errno(errno: c_int) {
        // SAFETY: the location is this thread's errno.
        unsafe { *libc::__errno_location() = errno };
    }

    fn text(pointer: *const c_char) -> String {
        // SAFETY: callbacks get NUL-terminated texts.
        unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
    }

    unsafe extern "C-unwind" fn open(
        family: c_int,
        kind: c_int,
        protocol: c_int,
        opaque: *mut c_void,
    ) -> c_int {
        // SAFETY: the opaque is a live Application.
        let application = unsafe { &*opaque.cast::<Application>() };
        application.note(format!("open family {family} type {kind} protocol {protocol}"));
        if application.socket_errno != 0 {
            set_errno(application.socket_errno);
            return -1;
        }
        // SAFETY: integers only.
        unsafe { libc::socket(family, kind, protocol) }
    }

    unsafe extern "C-unwind" fn connect(
        fd: c_int,
        address: *const libc::sockaddr,
        len: c_int,
        name: *const c_char,
        opaque: *mut c_void,
    ) -> c_int {
        // SAFETY: the opaque is a live Application, the address is `len` bytes long.
        unsafe {
            let application = &*opaque.cast::<Application>();
            let printed = Address::from_raw(address, len as usize).expect("an address");
            application.note(format!("connect {fd} {printed} {}", text(name)));
            if application.connect_errno == 0 {
                libc::connect(fd, address, len as libc::socklen_t);
            }
            application.connect_errno
        }
    }

    unsafe extern "C-unwind" fn close(fd: c_int, opaque: *mut c_void) -> c_int {
        // SAFETY: the opaque is a live Application.
        let application = unsafe { &*opaque.cast::<Application>() };
        application.note(format!("close {fd}"));
        assert!(!application.throws_on_close.load(Ordering::Relaxed), "an exception");
        // SAFETY: the callback owns the descriptor now.
        unsafe { libc::close(fd) }
    }

    /// Answers a list of its own making, and frees it when asked without a host.
    unsafe extern "C-unwind" fn look_up(
        node: *const c_char,
        service: *const c_char,
        hints: *const libc::addrinfo,
        list: *mut *mut libc::addrinfo,
        opaque: *mut c_void,
    ) -> c_int {
        // SAFETY: the opaque is a live Application; the list is NULL or was made below.
        unsafe {
            let application = &*opaque.cast::<Application>();
            if node.is_null() {
                application.note("free".to_owned());
                while !(*list).is_null() {
                    let entry = Box::from_raw(*list);
                    drop(Box::from_raw(entry.ai_addr.cast::<Address>()));
                    *list = entry.ai_next;
                }
                return 0;
            }
            let family = (*hints).ai_family;
            application.note(format!("resolve {} {} {family}", text(node), text(service)));
            if application.resolve_code != 0 {
                return application.resolve_code;
            }
            let mut answers = application.addresses.lock().expect("no test panics here");
            let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            for address in answer.into_iter().rev() {
                let boxed = Box::into_raw(Box::new(address));
                let (ai_addr, ai_addrlen) = (*boxed).as_raw();
                let entry = libc::addrinfo {
                    ai_addr: ai_addr.cast_mut(),
                    ai_addrlen,
                    ai_next: *list,
                    ..resolve::hints(family)
                };
                *list = Box::into_raw(Box::new(entry));
            }
            0
        }
    }

    #[test]
    fn an_exception_ends_the_process_at_the_callback() {
        const CHILD: &str = "RDKAFKA_TEST_THROWING_CALLBACK";
        if std::env::var_os(CHILD).is_some() {
            let application = Application::default();
            application.throws_on_close.store(true, Ordering::Relaxed);
            let callback = application.close_callback();
            // Even a caller that catches does not get the exception.
            let _ = std::panic::catch_unwind(|| callback.invoke(-1));
            return;
        }

        let output = Command::new(std::env::current_exe().expect("this test's file"))
            .args(["--exact", "callback::tests::an_exception_ends_the_process_at_the_callback"])
            .env(CHILD, "1")
            .output()
            .expect("the child runs");

        assert_eq!(output.status.signal(), Some(libc::SIGABRT));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("an exception left the application's closesocket_cb"), "{text}");
    }

    #[test]
    fn a_refused_socket_carries_errno() {
        let application = Application { socket_errno: libc::EMFILE, ..Application::default() };
        let error = application.socket_callback().invoke(libc::AF_INET).expect_err("refused");
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    }

    #[test]
    fn resolved_addresses_are_copied_and_their_list_is_freed() {
        let addresses = vec![Address::ipv4([10, 0, 0, 1], 1), Address::ipv6([1; 16], 2)];
        let application = Application {
            addresses: Mutex::new(vec![addresses.clone()]),
            ..Application::default()
        };
        let found = application.resolve_callback().invoke(c"host", c"9092", libc::AF_INET6);
        assert_eq!(found, Ok(addresses));
        assert_eq!(application.calls(), ["resolve host 9092 10", "free"]);
    }

    #[test]
    fn a_failed_lookup_of_the_application_has_the_systems_text_and_frees_nothing() {
        let application = Application { resolve_code: libc::EAI_AGAIN, ..Application::default() };
        let found = application.resolve_callback().invoke(c"host", c"9092", libc::AF_UNSPEC);
        assert_eq!(found, Err("Temporary failure in name resolution".to_owned()));
        assert_eq!(application.calls().len(), 1);
    }

    #[test]
    fn a_thread_knows_whose_callback_it_runs() {
        use std::sync::atomic::AtomicUsize;

        static SEEN: AtomicUsize = AtomicUsize::new(0);
        unsafe extern "C-unwind" fn look(
            _rk: *mut rd_kafka_t,
            code: c_int,
            _reason: *const c_char,
            _opaque: *mut c_void,
        ) {
            assert!(runs_for(0x10) && !runs_for(0x20));
            if code == 1 {
                error(look_deeper, 0x20, 0, "inner", 0);
            }
            assert!(runs_for(0x10), "the outer one again");
            SEEN.fetch_add(1, Ordering::SeqCst);
        }
        unsafe extern "C-unwind" fn look_deeper(
            _rk: *mut rd_kafka_t,
            _code: c_int,
            _reason: *const c_char,
            _opaque: *mut c_void,
        ) {
            assert!(runs_for(0x20));
            SEEN.fetch_add(1, Ordering::SeqCst);
        }

        error(look, 0x10, 1, "outer", 0);

        assert_eq!(SEEN.load(Ordering::SeqCst), 2);
        assert!(!runs_for(0x10));
    }
}
