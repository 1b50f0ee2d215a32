//! The SONAME of the shared library and the C body of the variadic functions.

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
        .compile("oxide_variadic");
}
