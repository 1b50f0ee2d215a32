//! Every form in which certificates and keys are given, and handshakes with them.
#![forbid(unsafe_code)]

use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;

use super::*;
use crate::conf::SetResult;
use crate::sys::poll::{PollFd, poll};
use crate::sys::socket::{Address, Socket};
use crate::testing::authority::{Authority, Identity};

const HOST: &str = "broker.test";

/// A configuration with these settings.
fn conf(settings: &[(&str, &str)]) -> Conf {
    let mut conf = Conf::default();
    for (name, value) in settings {
        let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
        assert_eq!(answer.result, SetResult::Ok, "{name}={value}: {:?}", answer.text);
    }
    conf
}

fn tls(settings: &[(&str, &str)]) -> Result<Tls, LoadError> {
    let conf = conf(settings);
    let verification = Verification {
        checks_names: conf.ssl_endpoint_identification != 0,
        verifies: conf.ssl_enable_verify,
        callback: None,
    };
    Tls::new(&conf, verification)
}

fn text(pem: Vec<u8>) -> String {
    String::from_utf8(pem).expect("PEM is text")
}

fn acceptor(identity: &Identity, clients: Option<&Authority>) -> SslAcceptor {
    let mut builder =
        SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("an acceptor");
    builder.set_private_key(&identity.key).expect("a key");
    builder.set_certificate(&identity.cert).expect("a certificate");
    if let Some(authority) = clients {
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(authority.cert.clone()).expect("it fits");
        builder.set_verify_cert_store(store.build()).expect("it fits");
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    }
    builder.build()
}

type ServerStream = openssl::ssl::SslStream<TcpStream>;

/// A server that takes one connection and does `serve` with it; gives its address.
fn server<R: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> R + Send + 'static,
) -> (Address, JoinHandle<R>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let thread = std::thread::spawn(move || serve(listener.accept().expect("a client").0));
    (Address::ipv4([127, 0, 0, 1], port), thread)
}

/// A server with TLS: what came of the handshake.
fn tls_server(
    identity: &Identity,
    clients: Option<&Authority>,
    serve: impl FnOnce(ServerStream) + Send + 'static,
) -> (Address, JoinHandle<()>) {
    let acceptor = acceptor(identity, clients);
    server(move |stream| {
        if let Ok(stream) = acceptor.accept(stream) {
            serve(stream);
        }
    })
}

fn connect_to(tls: &Tls, host: &str, address: Address) -> TlsTransport {
    let socket = Socket::new(address.family()).expect("a socket");
    socket.connect(&address).expect("loopback connects");
    let tcp = PlainTransport::connecting(socket, address);
    let peer = Peer { name: "broker.test:9092", host, id: 7 };
    let mut warnings = Vec::new();
    let transport = tls.connection(tcp, peer, 0, &mut warnings).expect("a session");
    assert_eq!(warnings, []);
    transport
}

fn wait(transport: &TlsTransport) {
    let (read, write) = transport.wants();
    let mut fds = [PollFd::new(transport.fd(), read, write)];
    assert_eq!(poll(&mut fds, 30_000_000), 1, "nothing happened at the socket");
}

/// Steps until the connection stands or fails.
fn finish(transport: &mut TlsTransport) -> Result<(), ConnectError> {
    while transport.connect_step()? != ConnectState::Connected {
        wait(transport);
    }
    Ok(())
}

fn connected(tls: &Tls, host: &str, address: Address) -> Result<TlsTransport, ConnectError> {
    let mut transport = connect_to(tls, host, address);
    finish(&mut transport).map(|()| transport)
}

/// The text of a handshake that fails.
fn failure(tls: &Tls, host: &str, address: Address) -> ConnectError {
    connected(tls, host, address).err().expect("the handshake fails")
}

fn receive(transport: &mut TlsTransport, count: usize) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        if transport.recv_into(&mut bytes, 64 * 1024)? == 0 {
            wait(transport);
        }
    }
    Ok(bytes)
}

/// Sends everything, waiting as a broker thread does.
fn send(transport: &mut TlsTransport, pieces: &[&[u8]]) {
    let mut rest = pieces.concat();
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    loop {
        let taken = transport.send(&slices).expect("the connection stands");
        rest.drain(..taken);
        if rest.is_empty() {
            return;
        }
        let mut fds = [PollFd::new(transport.fd(), false, true)];
        assert_eq!(poll(&mut fds, 30_000_000), 1, "the socket takes nothing");
        slices = vec![IoSlice::new(&rest)];
    }
}

#[test]
fn bytes_arrive_on_both_sides_whatever_their_sizes() {
    let authority = Authority::new("ca");
    let sizes = [1usize, 4, 16_384, 20_000, 300_000, 7];
    let total: usize = sizes.iter().sum();
    let (address, thread) = tls_server(&authority.issue(&[HOST]), None, move |mut stream| {
        let mut bytes = vec![0; total];
        stream.read_exact(&mut bytes).expect("all of it");
        stream.write_all(&bytes).expect("all of it");
        let _ = stream.shutdown();
    });
    let tls = tls(&[("ssl.ca.pem", &text(authority.pem()))]).expect("a context");
    let mut client = connected(&tls, HOST, address).expect("a connection");
    let pieces: Vec<Vec<u8>> =
        (0..).zip(sizes).map(|(at, size): (u8, usize)| vec![at; size]).collect();
    let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();

    send(&mut client, &pieces);

    let back = receive(&mut client, total).expect("all of it");
    assert!(back == pieces.concat(), "other bytes came back");
    let closed = receive(&mut client, 1).expect_err("it is over");
    assert_eq!(closed, TransportError::Disconnected(Closure::Closed));
    thread.join().expect("the server is content");
}

#[test]
fn bytes_that_do_not_fit_are_taken_and_go_out_later() {
    let authority = Authority::new("ca");
    let (reads, may_read) = std::sync::mpsc::channel::<()>();
    let (count, counted) = std::sync::mpsc::channel();
    let (address, thread) = tls_server(&authority.issue(&[HOST]), None, move |mut stream| {
        may_read.recv().expect("the client is there");
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        count.send(all).expect("the client is there");
    });
    let tls = tls(&[("ssl.ca.pem", &text(authority.pem()))]).expect("a context");
    let mut client = connected(&tls, HOST, address).expect("a connection");
    let block: Vec<u8> = (0..100_000u32).map(|at| (at % 251) as u8).collect();
    let mut sent = Vec::new();

    // Until the socket is full.
    loop {
        let taken = client.send(&[IoSlice::new(&block)]).expect("the connection stands");
        sent.extend_from_slice(&block[..taken]);
        if taken < block.len() {
            break;
        }
    }
    assert_eq!(client.wants(), (true, true), "the rest wants out");
    assert_eq!(client.send(&[IoSlice::new(b"no")]), Ok(0), "there is no room");
    reads.send(()).expect("the server is there");
    let mut nothing = Vec::new();
    while client.wants().1 {
        wait(&client);
        assert_eq!(client.recv_into(&mut nothing, 1), Ok(0));
    }
    drop(client);

    assert!(counted.recv().expect("the server is there") == sent, "other bytes arrived");
    thread.join().expect("the server is content");
}

#[test]
fn a_broker_must_be_who_it_says() {
    let authority = Authority::new("ca");
    let other = Authority::new("other");
    let pem = text(authority.pem());
    let trusting = tls(&[("ssl.ca.pem", &pem)]).expect("a context");
    let good = authority.issue(&[HOST, "*.wild.test", "127.0.0.1", "::1"]);
    for host in [HOST, "broker.test.", "a.wild.test", "127.0.0.1", "::1", "::1%eth0"] {
        let (address, thread) = tls_server(&good, None, drop);
        assert!(connected(&trusting, host, address).is_ok(), "{host}");
        thread.join().expect("the server is content");
    }
    for (identity, host) in [
        (authority.issue(&["other.test"]), HOST),
        (authority.issue(&["b.a.wild.test"]), "c.a.wild.test"),
        (authority.issue(&["127.0.0.2"]), "127.0.0.1"),
        // A DNS name is no address.
        (authority.issue(&[HOST]), "127.0.0.1"),
        (authority.issue_expired(&[HOST]), HOST),
        (other.issue(&[HOST]), HOST),
    ] {
        let (address, thread) = tls_server(&identity, None, drop);
        let error = failure(&trusting, host, address);
        assert_eq!(error.code(), crate::error::ErrorCode::_SSL);
        let expected = "SSL handshake failed: error:0A000086:SSL routines::certificate verify \
                        failed: broker certificate could not be verified, verify that \
                        ssl.ca.location is correctly configured or root CA certificates are \
                        installed (install ca-certificates package)";
        assert_eq!(error.to_string(), expected);
        thread.join().expect("the server is content");
    }
}

#[test]
fn checks_can_be_turned_off_one_by_one() {
    let authority = Authority::new("ca");
    let pem = text(authority.pem());
    let no_names = [("ssl.ca.pem", &*pem), ("ssl.endpoint.identification.algorithm", "none")];
    let nothing = [("enable.ssl.certificate.verification", "false")];
    for (settings, identity) in [
        (&no_names[..], authority.issue(&["other.test"])),
        (&nothing[..], Authority::new("unknown").issue_expired(&["other.test"])),
    ] {
        let (address, thread) = tls_server(&identity, None, drop);
        let tls = tls(settings).expect("a context");
        assert!(connected(&tls, HOST, address).is_ok(), "{settings:?}");
        thread.join().expect("the server is content");
    }
}

#[test]
fn a_client_certificate_is_shown_in_every_form_in_which_it_can_be_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new("ca");
    let client = authority.issue(&[]);
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    };
    let (cert_pem, key_pem) = (text(client.cert_pem()), text(client.key_pem()));
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let locked = client.key.private_key_to_pem_pkcs8_passphrase(cipher, b"word");
    let locked = text(locked.expect("a key can be locked"));
    let mut store = openssl::pkcs12::Pkcs12::builder();
    store.name("client").pkey(&client.key).cert(&client.cert);
    let store = store.build2("word").expect("a store").to_der().expect("bytes");
    let (cert_file, key_file) =
        (file("cert", cert_pem.as_bytes()), file("key", key_pem.as_bytes()));
    let (locked_file, store_file) = (file("locked", locked.as_bytes()), file("p12", &store));
    let ca = text(authority.pem());
    for settings in [
        &[("ssl.certificate.pem", &*cert_pem), ("ssl.key.pem", &*key_pem)][..],
        &[("ssl.certificate.location", &*cert_file), ("ssl.key.location", &*key_file)],
        &[
            ("ssl.certificate.location", &*cert_file),
            ("ssl.key.location", &*locked_file),
            ("ssl.key.password", "word"),
        ],
        &[
            ("ssl.certificate.pem", &*cert_pem),
            ("ssl.key.pem", &*locked),
            ("ssl.key.password", "word"),
        ],
        &[("ssl.keystore.location", &*store_file), ("ssl.keystore.password", "word")],
    ] {
        let all = [&[("ssl.ca.pem", &*ca)], settings].concat();
        let tls = tls(&all).expect("a context");
        check_client(&authority, &tls);
    }
}

/// A client certificate from memory does it too, in each encoding.
#[test]
fn certificates_from_memory_are_read_in_every_encoding() {
    use crate::conf::{Cert, Secret};
    use material::{Purpose, check};
    let authority = Authority::new("ca");
    let client = authority.issue(&[]);
    let mut store = openssl::pkcs12::Pkcs12::builder();
    store.name("client").pkey(&client.key).cert(&client.cert);
    let store = store.build2("word").expect("a store").to_der().expect("bytes");
    let cert = |encoding: i32, data: &[u8]| Cert { encoding, data: Secret::from(data) };
    let word = Secret::from(b"word".as_slice());
    let der = |cert: &openssl::x509::X509| cert.to_der().expect("bytes");
    for (leaf, key, ca) in [
        (cert(2, &client.cert_pem()), cert(2, &client.key_pem()), cert(2, &authority.pem())),
        (
            cert(1, &der(&client.cert)),
            cert(1, &client.key.private_key_to_der().expect("bytes")),
            cert(1, &der(&authority.cert)),
        ),
        (cert(0, &store), cert(0, &store), cert(2, &authority.pem())),
    ] {
        for (purpose, given) in
            [(Purpose::PublicKey, &leaf), (Purpose::PrivateKey, &key), (Purpose::Authority, &ca)]
        {
            assert_eq!(check(purpose, given, Some(&word)), Ok(()), "{purpose:?} {given:?}");
            let broken = cert(given.encoding, b"canary");
            let text = check(purpose, &broken, None).expect_err("no certificate");
            assert!(text.starts_with("Failed to read "), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
        let mut conf = conf(&[("ssl.key.password", "word")]);
        (conf.ssl_certificate, conf.ssl_key, conf.ssl_ca) = (Some(leaf), Some(key), Some(ca));
        let verification = Verification { checks_names: true, verifies: true, callback: None };
        check_client(&authority, &Tls::new(&conf, verification).expect("a context"));
    }
}

/// A server that wants a certificate of `authority` gets one.
fn check_client(authority: &Authority, tls: &Tls) {
    let (address, thread) = tls_server(&authority.issue(&[HOST]), Some(authority), |mut stream| {
        assert!(stream.ssl().peer_certificate().is_some());
        stream.write_all(b"x").expect("the client is there");
    });
    let mut transport = connected(tls, HOST, address).expect("a connection");
    // In TLS 1.3 a client learns afterwards whether its certificate was accepted.
    assert_eq!(receive(&mut transport, 1), Ok(b"x".to_vec()));
    thread.join().expect("the server is content");
}

#[test]
fn a_missing_client_certificate_is_told_when_the_broker_says_so() {
    let authority = Authority::new("ca");
    let tls = tls(&[("ssl.ca.pem", &text(authority.pem()))]).expect("a context");
    let (address, thread) = tls_server(&authority.issue(&[HOST]), Some(&authority), drop);
    let outcome = connected(&tls, HOST, address);
    let text = match outcome {
        // The alert may come with the last message of the handshake, or later.
        Err(error) => error.to_string(),
        Ok(mut transport) => match receive(&mut transport, 1).expect_err("refused") {
            TransportError::System(text) => text,
            TransportError::Disconnected(_) => panic!("the alert was lost"),
        },
    };
    assert!(text.contains("certificate required"), "{text}");
    thread.join().expect("the server ends");
}

#[test]
fn material_that_cannot_be_used_is_named() {
    let authority = Authority::new("ca");
    let (client, other) = (authority.issue(&[]), authority.issue(&[]));
    let (cert, key) = (text(client.cert_pem()), text(other.key_pem()));
    for (settings, start) in [
        (&[("ssl.cipher.suites", "none such")][..], "ssl.cipher.suites failed: error:"),
        (&[("ssl.curves.list", "none such")], "ssl.curves.list failed: error:"),
        (&[("ssl.sigalgs.list", "none such")], "ssl.sigalgs.list failed: "),
        (&[("ssl.ca.location", "/none/such")], "ssl.ca.location failed: error:"),
        (
            &[("ssl.ca.pem", "none such")],
            "failed to read certificate #0 from ssl.ca.pem: not in PEM format?: error:",
        ),
        (&[("ssl.crl.location", "/none/such")], "ssl.crl.location failed: error:"),
        (&[("ssl.certificate.location", "/none/such")], "ssl.certificate.location failed: error:"),
        (
            &[("ssl.certificate.pem", "none such")],
            "ssl.certificate.pem failed: error reading certificate: error:",
        ),
        (&[("ssl.key.location", "/none/such")], "ssl.key.location failed: No such file"),
        (&[("ssl.key.pem", "none such")], "ssl.key.pem failed: not in PEM format?: error:"),
        (&[("ssl.certificate.pem", &*cert), ("ssl.key.pem", &*key)], "ssl.key.pem failed: error:"),
        (
            &[("ssl.keystore.location", "/none/such"), ("ssl.keystore.password", "x")],
            "Failed to open ssl.keystore.location: /none/such: No such file",
        ),
        (
            &[("ssl.keystore.location", "/etc/hostname"), ("ssl.keystore.password", "x")],
            "Error reading ssl.keystore.location PKCS#12 file: /etc/hostname: error:",
        ),
        (&[("ssl.providers", "none-such")], "Failed to load OpenSSL provider \"none-such\": "),
        (&[("ssl.providers", ",")], "ssl.providers expects a comma-separated list"),
    ] {
        let error = tls(settings).err().expect("it cannot be used");
        assert!(error.text.starts_with(start), "{settings:?}: {}", error.text);
    }
}

#[test]
fn offers_can_be_restricted() {
    let authority = Authority::new("ca");
    let pem = text(authority.pem());
    let tls = tls(&[
        ("ssl.ca.pem", &pem),
        ("ssl.cipher.suites", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("ssl.curves.list", "P-384"),
        ("ssl.sigalgs.list", "ECDSA+SHA256"),
        ("ssl.providers", "default"),
    ])
    .expect("a context");
    let (address, thread) = tls_server(&authority.issue(&[HOST]), None, drop);
    assert!(connected(&tls, HOST, address).is_ok());
    thread.join().expect("the server is content");
}

#[test]
fn a_server_without_tls_is_a_failed_handshake_and_no_crash() {
    let authority = Authority::new("ca");
    let tls = tls(&[("ssl.ca.pem", &text(authority.pem()))]).expect("a context");
    let mut random = [0u8; 4096];
    crate::sys::rand::fill(&mut random);
    let answers: [&'static [u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        &[0, 0, 0, 10, 0, 0, 0, 1, 0, 35, 0, 0, 0, 0],
        // A fatal alert.
        &[21, 3, 3, 0, 2, 2, 40],
        // A record that says it is longer than records are.
        &[22, 3, 3, 0xff, 0xff, 1, 2, 3],
        Box::leak(Box::new(random)),
    ];
    for answer in answers {
        let (address, thread) = server(move |mut stream| {
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).expect("a hello");
            stream.write_all(answer).expect("the client is there");
            // Until the client goes.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        let error = failure(&tls, HOST, address);
        assert!(error.to_string().starts_with("SSL handshake failed: error:"), "{error}");
        thread.join().expect("the server ends");
    }
    let (address, thread) = server(drop);
    let error = failure(&tls, HOST, address);
    assert_eq!(error.code(), crate::error::ErrorCode::_TRANSPORT);
    assert_eq!(
        error.to_string(),
        "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?"
    );
    thread.join().expect("the server ends");
}

#[test]
fn a_silent_server_blocks_nobody() {
    let tls = tls(&[]).expect("a context");
    let (end, may_end) = std::sync::mpsc::channel::<()>();
    let (address, thread) = server(move |_stream| {
        let _ = may_end.recv();
    });
    let mut client = connect_to(&tls, HOST, address);
    while client.connect_step().expect("nothing is wrong") != ConnectState::Handshake {
        wait(&client);
    }
    assert_eq!(client.connect_step(), Ok(ConnectState::Handshake));
    assert_eq!(client.wants(), (true, false));
    drop(end);
    thread.join().expect("the server ends");
}

#[test]
fn changed_files_are_used_from_the_next_connection_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    let (old, new) = (Authority::new("old"), Authority::new("a new one"));
    std::fs::write(&path, old.pem()).expect("it can be written");
    let location = path.to_str().expect("it is text");
    let tls = tls(&[("ssl.ca.location", location)]).expect("a context");
    let try_one = |authority: &Authority| {
        let (address, thread) = tls_server(&authority.issue(&[HOST]), None, drop);
        let socket = Socket::new(address.family()).expect("a socket");
        socket.connect(&address).expect("loopback connects");
        let tcp = PlainTransport::connecting(socket, address);
        let peer = Peer { name: "broker.test:9092", host: HOST, id: 7 };
        let mut warnings = Vec::new();
        let mut client = tls.connection(tcp, peer, 0, &mut warnings).expect("a session");
        let is_good = finish(&mut client).is_ok();
        drop(client);
        thread.join().expect("the server ends");
        (is_good, warnings)
    };
    assert_eq!(try_one(&old), (true, Vec::new()));

    // Half a file: somebody is about to write it.
    std::fs::write(&path, b"-----BEGIN CERT").expect("it can be written");
    let (is_good, warnings) = try_one(&old);
    assert!(is_good, "the former one stays");
    assert_eq!(warnings.len(), 1);
    let start = "Changed TLS files cannot be used, the former ones stay: ssl.ca.location failed: ";
    assert!(warnings[0].text.starts_with(start), "{}", warnings[0].text);

    std::fs::write(&path, new.pem()).expect("it can be written");
    assert_eq!(try_one(&new), (true, Vec::new()));
    assert_eq!(try_one(&old), (false, Vec::new()));
}
