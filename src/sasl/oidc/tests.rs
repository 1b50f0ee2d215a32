//! Tokens from providers of the test, over HTTP and HTTPS.
#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::JoinHandle;

use openssl::ssl::{SslAcceptor, SslMethod};

use super::super::Client;
use super::super::oauthbearer::OauthBearer;
use super::super::token::url_safe;
use super::*;
use crate::conf::SetResult;
use crate::testing::authority::Authority as Issuer;

const NOW_MS: i64 = 1_000_000;

fn provider(settings: &[(&str, &str)]) -> Provider {
    let mut conf = Conf::default();
    for (name, value) in settings {
        let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
        assert_eq!(answer.result, SetResult::Ok, "{name}={value}: {:?}", answer.text);
    }
    Provider::of(&conf)
}

fn token_of(claims: &str) -> String {
    format!("{}.{}.{}", url_safe(b"{}"), url_safe(claims.as_bytes()), url_safe(b"sig"))
}

fn answer(status: &str, body: &str) -> String {
    let len = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n{body}")
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A token endpoint that gives these answers, one a connection, and tells what it was asked.
struct Endpoint {
    port: u16,
    requests: mpsc::Receiver<String>,
    thread: JoinHandle<()>,
}

impl Endpoint {
    fn new(answers: Vec<String>, acceptor: Option<SslAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (told, requests) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for answer in answers {
                let (tcp, _) = listener.accept().expect("a client");
                let mut stream: Box<dyn Stream> = match &acceptor {
                    None => Box::new(tcp),
                    Some(acceptor) => match acceptor.accept(tcp) {
                        Ok(stream) => Box::new(stream),
                        Err(_) => continue,
                    },
                };
                let request = read_request(&mut *stream);
                told.send(request).expect("the test is there");
                stream.write_all(answer.as_bytes()).expect("the client is there");
            }
        });
        Self { port, requests, thread }
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/token", self.port)
    }

    /// What was asked, after the end.
    fn asked(self) -> Vec<String> {
        self.thread.join().expect("the endpoint is content");
        self.requests.try_iter().collect()
    }
}

fn read_request(stream: &mut dyn Stream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut len = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            len = value.trim().parse().expect("a number");
        }
        let is_last = line.trim().is_empty();
        request.push_str(&line);
        if is_last {
            break;
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body).expect("a body");
    request + &String::from_utf8(body).expect("a form is text")
}

/// What a broker would be shown.
fn shown(token: Token) -> String {
    let first = OauthBearer::new(token.into()).first().expect("there is a token");
    String::from_utf8(first.expose().to_vec()).expect("it is text")
}

fn credentials(url: &str) -> [(&'static str, String); 3] {
    [
        ("sasl.oauthbearer.token.endpoint.url", url.to_owned()),
        ("sasl.oauthbearer.client.id", "me".to_owned()),
        ("sasl.oauthbearer.client.secret", "canary".to_owned()),
    ]
}

fn with<'a>(
    credentials: &'a [(&'static str, String)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let credentials = credentials.iter().map(|(name, value)| (*name, value.as_str()));
    credentials.chain(more.iter().copied()).collect()
}

#[test]
fn client_credentials_are_shown_to_the_endpoint_and_the_token_to_the_broker() {
    let token = token_of("{\"sub\":\"me\",\"exp\":2000}");
    let body = format!("{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\"}}");
    let endpoint = Endpoint::new(vec![answer("200 OK", &body)], None);
    let credentials = credentials(&endpoint.url("http"));
    let more =
        [("sasl.oauthbearer.scope", "a b"), ("sasl.oauthbearer.extensions", "one=1,two=a=b")];
    let provider = provider(&with(&credentials, &more));

    let got = provider.token(|| NOW_MS).expect("a token");

    assert_eq!(shown(got), format!("n,,\x01auth=Bearer {token}\x01one=1\x01two=a=b\x01\x01"));
    let asked = endpoint.asked();
    let request = asked[0].to_ascii_lowercase();
    assert!(request.starts_with("post /token http/1.1\r\n"), "{request}");
    assert!(asked[0].contains("Basic bWU6Y2FuYXJ5\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(asked[0].ends_with("\r\n\r\ngrant_type=client_credentials&scope=a%20b"), "{request}");
}

#[test]
fn a_bearer_of_assertions_may_get_an_id_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("assertion");
    std::fs::write(&file, "a.b.c").expect("it can be written");
    let token = token_of("{\"who\":\"me\",\"exp\":2000.5}");
    let body = format!("{{\"access_token\":\"opaque\",\"id_token\":\"{token}\"}}");
    let endpoint = Endpoint::new(vec![answer("200 OK", &body)], None);
    let provider = provider(&[
        ("sasl.oauthbearer.token.endpoint.url", &endpoint.url("http")),
        ("sasl.oauthbearer.grant.type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("sasl.oauthbearer.assertion.file", file.to_str().expect("text")),
        ("sasl.oauthbearer.sub.claim.name", "who"),
    ]);

    let got = provider.token(|| NOW_MS).expect("a token");

    assert_eq!(shown(got), format!("n,,\x01auth=Bearer {token}\x01\x01"));
    let asked = endpoint.asked();
    let form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c";
    assert!(asked[0].ends_with(&format!("\r\n\r\n{form}")), "{}", asked[0]);
}

#[test]
fn a_machine_at_azure_asks_with_its_query() {
    let token = token_of("{\"sub\":\"me\",\"exp\":2000}");
    let body = format!("{{\"access_token\":\"{token}\"}}");
    let endpoint = Endpoint::new(vec![answer("200 OK", &body)], None);
    let provider = provider(&[
        ("sasl.oauthbearer.token.endpoint.url", &endpoint.url("http")),
        ("sasl.oauthbearer.metadata.authentication.type", "azure_imds"),
        ("sasl.oauthbearer.config", "query=api-version=2025&resource=x"),
    ]);
    assert!(provider.token(|| NOW_MS).is_ok());
    let asked = endpoint.asked();
    assert!(asked[0].starts_with("GET /token?api-version=2025&resource=x HTTP/1.1"), "{asked:?}");
    assert!(asked[0].to_ascii_lowercase().contains("metadata: true\r\n"), "{asked:?}");
}

#[test]
fn an_endpoint_over_tls_must_be_known() {
    let issuer = Issuer::new("ca");
    let identity = issuer.issue(&["127.0.0.1"]);
    let acceptor = || {
        let mut builder =
            SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("an acceptor");
        builder.set_private_key(&identity.key).expect("a key");
        builder.set_certificate(&identity.cert).expect("a certificate");
        builder.build()
    };
    let token = token_of("{\"sub\":\"me\",\"exp\":2000}");
    let body = answer("200 OK", &format!("{{\"access_token\":\"{token}\"}}"));
    let pem = String::from_utf8(issuer.pem()).expect("text");
    let other = String::from_utf8(Issuer::new("other").pem()).expect("text");
    for (pem, host, is_known) in
        [(&pem, "127.0.0.1", true), (&other, "127.0.0.1", false), (&pem, "localhost", false)]
    {
        let endpoint = Endpoint::new(vec![body.clone()], Some(acceptor()));
        let url = endpoint.url("https").replace("127.0.0.1", host);
        let credentials = credentials(&url);
        let provider = provider(&with(&credentials, &[("https.ca.pem", pem)]));
        let got = provider.token(|| NOW_MS);
        if is_known {
            assert!(got.is_ok(), "{got:?}");
        } else {
            let text = got.expect_err("unknown");
            assert!(text.contains("certificate verify failed"), "{text}");
        }
        assert_eq!(endpoint.asked().len(), usize::from(is_known));
    }
}

#[test]
fn what_is_no_token_is_told_without_quoting_it() {
    for (status, body, reason) in [
        (
            "401 Unauthorized",
            "{\"error\":\"invalid_client\",\"error_description\":\"no\"}".to_owned(),
            "HTTP error 401: invalid_client: no (401)",
        ),
        ("302 Found", "canary".to_owned(), "HTTP error 302 (302)"),
        ("200 OK", "canary".to_owned(), "Failed to parse the token endpoint's answer as JSON"),
        ("200 OK", "{}".to_owned(), "Expected JSON response with \"access_token\" field"),
        ("200 OK", "{\"access_token\":1}".to_owned(), "Expected token as a string value"),
        (
            "200 OK",
            "{\"access_token\":\"canary\"}".to_owned(),
            "Failed to decode JWT payload: The token is invalid with less than 2 delimiters",
        ),
        (
            "200 OK",
            "{\"access_token\":\"a.canary!.c\"}".to_owned(),
            "Failed to decode JWT payload: Failed to decode base64 payload",
        ),
        (
            "200 OK",
            format!("{{\"access_token\":\"{}\"}}", token_of("{}")),
            "Expected JSON JWT response with \"exp\" field",
        ),
        (
            "200 OK",
            format!("{{\"access_token\":\"{}\"}}", token_of("{\"exp\":0}")),
            "Expected JSON JWT response with valid \"exp\" field",
        ),
        (
            "200 OK",
            format!("{{\"access_token\":\"{}\"}}", token_of("{\"exp\":2000}")),
            "Expected JSON JWT response with \"sub\" field",
        ),
        (
            "200 OK",
            format!("{{\"access_token\":\"{}\"}}", token_of("{\"exp\":2000,\"sub\":\"\"}")),
            "Expected JSON JWT response with valid \"sub\" field",
        ),
        (
            "200 OK",
            format!("{{\"access_token\":\"{}\"}}", token_of("{\"exp\":999,\"sub\":\"x\"}")),
            "Must supply an unexpired token: now=1000000ms, exp=999000ms",
        ),
    ] {
        let endpoint = Endpoint::new(vec![answer(status, &body)], None);
        let credentials = credentials(&endpoint.url("http"));
        let text = provider(&with(&credentials, &[])).token(|| NOW_MS).expect_err("no token");
        assert!(text.ends_with(reason), "{text}");
        assert!(!text.contains("canary"), "{text}");
        endpoint.asked();
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let credentials = credentials(&format!("http://127.0.0.1:{port}/x?canary=1"));
    let text = provider(&with(&credentials, &[])).token(|| NOW_MS).expect_err("refused");
    let start = format!("Failed to retrieve OIDC token from \"http://127.0.0.1:{port}/x\": ");
    assert!(text.starts_with(&start), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_temporary_failure_is_tried_again() {
    let token = token_of("{\"sub\":\"me\",\"exp\":2000}");
    let good = answer("200 OK", &format!("{{\"access_token\":\"{token}\"}}"));
    let busy = answer("503 Service Unavailable", "");
    for (failures, is_enough) in [(1, true), (4, true), (5, false)] {
        let mut answers = vec![busy.clone(); failures];
        if is_enough {
            answers.push(good.clone());
        }
        let count = answers.len();
        let endpoint = Endpoint::new(answers, None);
        let credentials = credentials(&endpoint.url("http"));
        let mut provider = provider(&with(&credentials, &[]));
        provider.pause_us = 1;
        let got = provider.token(|| NOW_MS);
        assert_eq!(got.is_ok(), is_enough, "{got:?}");
        assert!(got.is_ok() || got.is_err_and(|text| text.ends_with("HTTP error 503 (503)")));
        assert_eq!(endpoint.asked().len(), count);
    }
}

#[test]
fn the_pause_before_another_attempt_ends_with_the_client() {
    let endpoint = Endpoint::new(vec![answer("503 Service Unavailable", "")], None);
    let credentials = credentials(&endpoint.url("http"));
    let mut provider = provider(&with(&credentials, &[]));
    // Nobody waits for that long.
    provider.pause_us = 3_600_000_000;
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| provider.token(|| NOW_MS));
        endpoint.requests.recv().expect("a request");
        provider.stop();
        assert!(asking.join().expect("no panic").is_err());
    });
    endpoint.thread.join().expect("the endpoint is content");
}

#[test]
fn stopping_ends_a_request_that_is_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let credentials = credentials(&url);
    let provider = provider(&with(&credentials, &[]));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| provider.token(|| NOW_MS));
        let (mut stream, _) = listener.accept().expect("a client");
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a request");
        provider.stop();
        assert!(asking.join().expect("no panic").is_err());
    });
}

#[test]
fn a_machine_at_aws_needs_a_callback() {
    let provider = provider(&[("sasl.oauthbearer.metadata.authentication.type", "aws_iam")]);
    let text = provider.token(|| NOW_MS).expect_err("not there");
    let start = "aws_iam OAUTHBEARER token retrieval is not implemented natively in librdkafka";
    assert!(text.starts_with(start), "{text}");
}
