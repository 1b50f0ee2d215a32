//! The peer: a real librdkafka, as a private copy that is bound to itself.
//!
//! It is opened by the first call that needs it and stays. A copy is a second instance also where
//! the program has the same file loaded: its calls of public functions stay inside, and never come
//! to ours.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use once_cell::sync::OnceCell;

use super::{elf, find, lists};
use crate::sys::env;
use crate::sys::library::{self, Library};

/// Names the peer's file: it is the only one that is tried then.
pub(crate) const VARIABLE: &str = "RDKAFKA_PEER_LIBRARY";

/// Whoever has this text in its file is this library.
static MARKER: &str = "rdkafka-oxide is no peer of rdkafka-oxide";

/// The first functions of a peer that are asked for: without them it is none.
const NEEDED: [&CStr; 4] =
    [c"rd_kafka_version_str", c"rd_kafka_new", c"rd_kafka_conf_set", c"rd_kafka_queue_poll"];

/// A peer that is open.
#[derive(Debug)]
pub(crate) struct Peer {
    library: Library,
    /// Its file.
    pub(crate) path: PathBuf,
    /// What it calls its version.
    pub(crate) version: String,
    /// It is the file itself, and prefers its own symbols by a flag of the loader: the second
    /// choice.
    pub(crate) is_deep: bool,
}

static PEER: OnceCell<Result<Peer, String>> = OnceCell::new();

/// The peer, if a call has needed it before.
pub(crate) fn opened() -> Option<&'static Peer> {
    PEER.get().and_then(|peer| peer.as_ref().ok())
}

/// The peer; it is opened if this is the first call that needs it.
///
/// # Errors
/// Why there is none.
pub(crate) fn open() -> Result<&'static Peer, &'static str> {
    let peer = PEER.get_or_init(|| {
        let peer = search()?;
        lists::teach(&peer);
        Ok(peer)
    });
    peer.as_ref().map_err(String::as_str)
}

/// Why there is no peer; `None` if there is one, or if none was needed yet.
pub(super) fn failure() -> Option<&'static str> {
    PEER.get().and_then(|peer| peer.as_ref().err()).map(String::as_str)
}

fn search() -> Result<Peer, String> {
    let own = library::own_path().map(|path| path.canonicalize().unwrap_or(path));
    if let Some(path) = env::var(VARIABLE) {
        let peer = Peer::of_file(Path::new(&path), own.as_deref());
        return peer.map_err(|why| format!("{VARIABLE}={path}: {why}"));
    }
    let mut refusals = Vec::new();
    for path in find::candidates(env::var("LD_LIBRARY_PATH").as_deref()) {
        if !path.exists() {
            continue;
        }
        match Peer::of_file(&path, own.as_deref()) {
            Ok(peer) => return Ok(peer),
            Err(why) => refusals.push(format!("{}: {why}", path.display())),
        }
    }
    Err(match refusals.is_empty() {
        true => format!("no librdkafka beside this one was found; {VARIABLE} can name one"),
        false => refusals.join("; "),
    })
}

impl Peer {
    fn of_file(path: &Path, own: Option<&Path>) -> Result<Self, String> {
        let real = path.canonicalize().map_err(|error| error.to_string())?;
        let is_own = own == Some(real.as_path());
        let mut image = library::read_file(&real).map_err(|error| error.to_string())?;
        if is_own || library::contains(&image, MARKER.as_bytes()) {
            return Err("it is this library itself".to_owned());
        }
        let bound = elf::needs(&image).and_then(|needs| {
            elf::bind_to_itself(&mut image)?;
            Ok(needs)
        });
        let needs = bound.map_err(str::to_owned)?;
        open_beside(&real, &needs);
        let name = CString::new("librdkafka-peer").expect("a literal has no NUL");
        let (library, is_deep) = match Library::open_image(&name, &image) {
            Ok(library) => (library, false),
            // Without a memory file, or where the system maps none: the loader's flag does it, as
            // long as nobody replaced the C library's allocator.
            Err(_) => (Library::open(&real, true)?, true),
        };
        Self::of_library(library, real, is_deep)
    }

    fn of_library(library: Library, path: PathBuf, is_deep: bool) -> Result<Self, String> {
        if let Some(missing) = NEEDED.iter().find(|name| library.symbol(name).is_none()) {
            return Err(format!("it has no function {}", missing.to_string_lossy()));
        }
        let mut peer = Self { library, path, version: String::new(), is_deep };
        static VERSION: Function = Function::new("rd_kafka_version_str\0");
        type Version = unsafe extern "C" fn() -> *const c_char;
        if let Some(version) = VERSION.of::<Version>(&peer) {
            // SAFETY: the function takes nothing and gives a text that is this thread's.
            peer.version = unsafe { CStr::from_ptr(version()) }.to_string_lossy().into_owned();
        }
        Ok(peer)
    }
}

/// A copy does not know the folder of its file any more: what lies beside it is opened first.
fn open_beside(path: &Path, needs: &[String]) {
    for name in needs {
        let beside = path.with_file_name(name);
        if beside != path && beside.exists() && !is_system_folder(path) {
            // What cannot be opened here is missed when the copy is opened, and told then.
            let _ = Library::open(&beside, false);
        }
    }
}

/// The loader looks into these by itself.
fn is_system_folder(path: &Path) -> bool {
    path.starts_with("/usr/lib") || path.starts_with("/lib")
}

/// A function of the peer, looked up when it is first called.
#[derive(Debug)]
pub(crate) struct Function {
    name: &'static CStr,
    address: AtomicPtr<c_void>,
}

/// Stands for the address of a function that the peer does not have.
static ABSENT: u8 = 0;

impl Function {
    /// The function of this name, which ends in NUL.
    pub(crate) const fn new(name: &'static str) -> Self {
        let name = match CStr::from_bytes_with_nul(name.as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("a name ends in NUL"),
        };
        Self { name, address: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// The function, as a pointer of type `F`; `None` if the peer does not have it.
    pub(crate) fn of<F: Copy>(&self, peer: &Peer) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        let absent = (&raw const ABSENT).cast_mut().cast::<c_void>();
        let mut address = self.address.load(Ordering::Acquire);
        if address.is_null() {
            address = peer.library.symbol(self.name).map_or(absent, NonNull::as_ptr);
            self.address.store(address, Ordering::Release);
        }
        // SAFETY: the sizes are equal. `F` is the function's type: the headers of all versions
        // declare a public function in one way.
        (address != absent).then(|| unsafe { std::mem::transmute_copy::<*mut c_void, F>(&address) })
    }
}

/// Declares functions of the peer that this library calls by itself: each takes the peer first, and
/// gives `None` if the peer does not have it.
macro_rules! peer_functions {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)?;)*) => {
        $(
            $(#[$meta])*
            ///
            /// # Safety
            /// The peer's own contract.
            #[allow(clippy::too_many_arguments, reason = "they are the C function's")]
            pub(crate) unsafe fn $name(
                peer: &$crate::forward::peer::Peer, $($arg: $type),*
            ) -> Option<$crate::forward::peer::output!($($ret)?)> {
                type Pointer = unsafe extern "C" fn($($type),*) $(-> $ret)?;
                static FUNCTION: $crate::forward::peer::Function =
                    $crate::forward::peer::Function::new(concat!(stringify!($name), "\0"));
                let function = FUNCTION.of::<Pointer>(peer)?;
                // SAFETY: the caller's contract.
                Some(unsafe { function($($arg),*) })
            }
        )*
    };
}
pub(crate) use peer_functions;

/// The type that a function gives: nothing, if it is not said.
macro_rules! output {
    () => {
        ()
    };
    ($type:ty) => {
        $type
    };
}
pub(crate) use output;

peer_functions! {
    /// Threads of the peer in this process.
    fn rd_kafka_thread_cnt() -> c_int;
    /// Waits until the peer's instances are gone.
    fn rd_kafka_wait_destroyed(timeout_ms: c_int) -> c_int;
    /// Ends the present round of the peer's callbacks on this thread.
    fn rd_kafka_yield(rk: *mut crate::abi::public::rd_kafka_t);
    /// The peer's last error of this thread.
    fn rd_kafka_last_error() -> crate::abi::public::rd_kafka_resp_err_t;
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Library")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A peer for tests of this folder, which the rest of the process does not learn of.
    pub(crate) fn for_tests() -> Option<&'static Peer> {
        static PRIVATE: OnceCell<Result<Peer, String>> = OnceCell::new();
        let peer = PRIVATE.get_or_init(search).as_ref();
        peer.inspect_err(|why| eprintln!("skipped: no peer: {why}")).ok()
    }

    #[test]
    fn this_library_is_no_peer_of_itself() {
        let own = library::own_path().expect("the test's file");
        let refused = Peer::of_file(&own, Some(&own)).expect_err("ourselves");
        assert_eq!(refused, "it is this library itself");
        let copied = Peer::of_file(&own, None).expect_err("the marker tells");
        assert_eq!(copied, refused);
    }

    #[test]
    fn files_that_are_no_peer_are_refused_with_a_reason() {
        let refused = |path: &str| Peer::of_file(Path::new(path), None).expect_err(path);
        assert!(refused("/nonexistent/librdkafka.so.1").contains("No such file"));
        assert!(refused("/dev/null").contains("ELF"));
        assert!(refused("/").contains("directory"));
        let objects = library::loaded();
        let other = objects.iter().find(|object| object.path.to_string_lossy().contains("libgcc"));
        let Some(other) = other else { return eprintln!("skipped: no libgcc here") };
        let why = Peer::of_file(&other.path, None).expect_err("another library");
        assert_eq!(why, "it has no function rd_kafka_version_str");
    }
}
