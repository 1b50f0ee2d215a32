//! The SONAME of the shared library, the C body of the variadic functions and, when asked, the headers.

#[cfg(feature = "headers")]
#[path = "build_headers/mod.rs"]
mod build_headers;

fn main() {
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,librdkafka.so.1");
    // A thread of ours may run when the host calls `dlclose`; BIND_NOW and RELRO harden the file.
    for flag in ["-Wl,-z,nodelete", "-Wl,-z,now", "-Wl,-z,relro"] {
        println!("cargo:rustc-cdylib-link-arg={flag}");
    }
    println!("cargo:rerun-if-changed=src/capi/variadic.c");
    cc::Build::new()
        .file("src/capi/variadic.c")
        .std("c11")
        .warnings(true)
        .extra_warnings(true)
        .pic(true)
        .compile("rdkafka_variadic");
    #[cfg(feature = "headers")]
    build_headers::write();
}
