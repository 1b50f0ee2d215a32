//! Shared libraries: opening a file or a private copy of one, and what the process has loaded.

use std::ffi::{CStr, CString, OsString, c_char, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An open library. It is never closed: its threads may run, and its code is pointed at.
pub(crate) struct Library(NonNull<c_void>);

// SAFETY: the handle is only given to `dlsym`, which every thread may call at any time.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// Opens a file. `binds_deeply`: it looks up its own symbols before everybody else's, the C
    /// library's among them.
    ///
    /// # Errors
    /// What the loader says.
    pub(crate) fn open(path: &Path, binds_deeply: bool) -> Result<Self, String> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        let deep = if binds_deeply { libc::RTLD_DEEPBIND } else { 0 };
        // SAFETY: the path is NUL-terminated. Constructors of the library run: it is one that the
        // program, its administrator or its user asks for.
        let handle =
            unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL | deep) };
        NonNull::new(handle).map(Self).ok_or_else(loader_error)
    }

    /// Opens an image of a library that is not in a file.
    ///
    /// # Errors
    /// What the system or the loader says.
    pub(crate) fn open_image(name: &CStr, image: &[u8]) -> Result<Self, String> {
        let text = |error: io::Error| error.to_string();
        let file = memory_file(name).map_err(text)?;
        write_all(&file, image).map_err(text)?;
        // The loader knows what it has by name: one that it has heard before would give the former
        // library, though it was another descriptor.
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let detour = "./".repeat(OPENED.fetch_add(1, Ordering::Relaxed));
        Self::open(Path::new(&format!("/proc/self/fd/{detour}{}", file.as_raw_fd())), false)
    }

    /// The address of a symbol.
    pub(crate) fn symbol(&self, name: &CStr) -> Option<NonNull<c_void>> {
        // SAFETY: the handle is open, and the name NUL-terminated.
        NonNull::new(unsafe { libc::dlsym(self.0.as_ptr(), name.as_ptr()) })
    }
}

fn loader_error() -> String {
    // SAFETY: the text is NULL or NUL-terminated, and this thread's until its next call.
    unsafe {
        let text: *const c_char = libc::dlerror();
        match text.is_null() {
            true => "it cannot be loaded".to_owned(),
            false => CStr::from_ptr(text).to_string_lossy().into_owned(),
        }
    }
}

fn memory_file(name: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the name is NUL-terminated; the descriptor is new, so nobody else owns it.
    unsafe {
        match libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) {
            -1 => Err(io::Error::last_os_error()),
            fd => Ok(OwnedFd::from_raw_fd(fd)),
        }
    }
}

fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        // SAFETY: the descriptor is open, and the bytes are readable for their length.
        let written = unsafe { libc::write(file.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
        }
    }
    Ok(())
}

/// The bytes of a file.
///
/// # Errors
/// What the system says.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// The file of the program.
pub(crate) fn program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Are these bytes somewhere in those?
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    // SAFETY: both are readable for their lengths.
    let found = unsafe {
        libc::memmem(haystack.as_ptr().cast(), haystack.len(), needle.as_ptr().cast(), needle.len())
    };
    !found.is_null()
}

/// The file that this code was loaded from.
pub(crate) fn own_path() -> Option<PathBuf> {
    // SAFETY: the address is one of this library's code; the result is only read if there is one,
    // and its name is NUL-terminated as long as the library is loaded.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        let address = own_path as fn() -> Option<PathBuf>;
        if libc::dladdr(address as *const c_void, &raw mut found) == 0 || found.dli_fname.is_null()
        {
            return None;
        }
        Some(path_of(CStr::from_ptr(found.dli_fname)))
    }
}

fn path_of(name: &CStr) -> PathBuf {
    OsString::from_vec(name.to_bytes().to_vec()).into()
}

/// A program or library of the process.
#[derive(Debug, Default)]
pub(crate) struct Object {
    /// Its file; empty for the program.
    pub(crate) path: PathBuf,
    /// The libraries that it asks for, by name.
    pub(crate) needs: Vec<String>,
    /// The folders where it says that they are, separated by colons.
    pub(crate) search: Vec<String>,
}

/// What the process has loaded, the program first.
pub(crate) fn loaded() -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    // SAFETY: `note` gets the list back as what it is, on this thread and during the call only.
    unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut objects).cast()) };
    objects
}

/// # Safety
/// The loader calls it with a loaded object and the list of `loaded`.
unsafe extern "C" fn note(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    objects: *mut c_void,
) -> c_int {
    // SAFETY: the caller's contract: the program headers are there, and the name is NULL or
    // NUL-terminated.
    unsafe {
        let (info, objects) = (&*info, &mut *objects.cast::<Vec<Object>>());
        let name = (!info.dlpi_name.is_null()).then(|| CStr::from_ptr(info.dlpi_name));
        let mut object =
            Object { path: name.map(path_of).unwrap_or_default(), ..Object::default() };
        let headers = std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum));
        let dynamic = headers.iter().find(|header| header.p_type == libc::PT_DYNAMIC);
        if let Some(header) = dynamic {
            // The addresses of the object are the loader's arithmetic, so they may wrap.
            let at = info.dlpi_addr.wrapping_add(header.p_vaddr) as usize;
            let count = header.p_memsz as usize / size_of::<Entry>();
            let table = std::ptr::with_exposed_provenance::<Entry>(at);
            read_dynamic(std::slice::from_raw_parts(table, count), &mut object);
        }
        objects.push(object);
    }
    0
}

/// An entry of a dynamic section.
#[repr(C)]
struct Entry {
    tag: i64,
    value: u64,
}

const DT_NULL: i64 = 0;
const DT_NEEDED: i64 = 1;
const DT_STRTAB: i64 = 5;
const DT_RPATH: i64 = 15;
const DT_RUNPATH: i64 = 29;
/// An address below this is an offset that the loader did not turn into an address (the kernel's
/// own object).
const LOWEST_ADDRESS: u64 = 0x1_0000;

/// # Safety
/// The table is that of a loaded object.
unsafe fn read_dynamic(table: &[Entry], object: &mut Object) {
    let table = || table.iter().take_while(|entry| entry.tag != DT_NULL);
    let Some(strings) = table().find(|entry| entry.tag == DT_STRTAB) else { return };
    if strings.value < LOWEST_ADDRESS {
        return;
    }
    // SAFETY: the string table of a loaded object is mapped, and offsets into it lead to
    // NUL-terminated texts.
    let text = |offset: u64| unsafe {
        let at = std::ptr::with_exposed_provenance::<c_char>((strings.value + offset) as usize);
        CStr::from_ptr(at).to_string_lossy().into_owned()
    };
    for entry in table() {
        match entry.tag {
            DT_NEEDED => object.needs.push(text(entry.value)),
            DT_RPATH | DT_RUNPATH => object.search.push(text(entry.value)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_comes_first_and_asks_for_the_c_library() {
        let objects = loaded();
        assert!(objects[0].needs.iter().any(|name| name.starts_with("libc.so")), "{objects:?}");
        let path =
            |part: &str| objects.iter().any(|object| object.path.to_string_lossy().contains(part));
        assert!(path("libc.so"), "{objects:?}");
    }

    #[test]
    fn this_code_has_a_file_that_exists() {
        assert!(own_path().expect("a file").exists());
    }

    #[test]
    fn a_library_that_is_none_cannot_be_opened() {
        assert!(Library::open(Path::new("/nonexistent"), false).is_err());
        assert!(Library::open_image(c"nothing", b"no library").is_err());
    }

    #[test]
    fn a_copy_of_a_library_has_its_symbols_at_addresses_of_its_own() {
        let objects = loaded();
        let object = objects.iter().find(|object| object.path.to_string_lossy().contains("libgcc"));
        let Some(object) = object else { return eprintln!("skipped: no libgcc here") };
        let image = std::fs::read(&object.path).expect("the library's file");
        let copy = Library::open_image(c"copy", &image).expect("a copy");
        let first = Library::open(&object.path, false).expect("the library");
        let name = c"_Unwind_Backtrace";
        let of = |library: &Library| library.symbol(name).expect("the function");
        assert_ne!(of(&copy), of(&first));
        assert!(copy.symbol(c"rd_kafka_no_such_function").is_none());
    }

    #[test]
    fn bytes_are_found_wherever_they_are() {
        assert!(contains(b"a needle here", b"needle"));
        assert!(!contains(b"a needle here", b"needles"));
    }
}
