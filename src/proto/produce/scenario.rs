//! What the captured requests of `tests/golden/` were made of.
#![forbid(unsafe_code)]

use crate::codec::Codec;

/// A header: name, value.
pub(crate) type Header = (&'static [u8], Option<&'static [u8]>);

/// A message: timestamp, key, value, headers.
pub(crate) struct Input {
    /// Milliseconds since the epoch.
    pub(crate) timestamp: i64,
    /// The key.
    pub(crate) key: Option<&'static [u8]>,
    /// The value.
    pub(crate) value: Option<&'static [u8]>,
    /// The headers.
    pub(crate) headers: &'static [Header],
}

const fn input(
    timestamp: i64,
    key: Option<&'static [u8]>,
    value: Option<&'static [u8]>,
    headers: &'static [Header],
) -> Input {
    Input { timestamp, key, value, headers }
}

/// When the first message was made.
const T: i64 = 1_700_000_000_000;

/// Each message has something that the others have not: an earlier timestamp than the first, nulls,
/// empty fields, headers with a null and an empty value and one name twice, lengths of two bytes.
pub(crate) const MESSAGES: [Input; 6] = [
    input(T, Some(b"k"), Some(b"hello"), &[]),
    input(T - 5, None, None, &[]),
    input(T + 7, Some(b""), Some(b""), &[]),
    input(
        T,
        Some(b"h"),
        Some(b"x"),
        &[(b"a", Some(b"1")), (b"b", None), (b"c", Some(b"")), (b"a", Some(b"2"))],
    ),
    input(T + 70_000, None, Some(&[b'z'; 300]), &[(b"only", Some(&[b'y'; 100]))]),
    input(T, Some(&[b'x'; 200]), None, &[]),
];

/// A captured run: one partition, [`MESSAGES`].
pub(crate) struct Scenario {
    /// Name of the fixture.
    pub(crate) name: &'static str,
    /// Highest version of Produce that the broker said it has.
    pub(crate) version: i16,
    /// The codec.
    pub(crate) codec: Codec,
    /// `acks`.
    pub(crate) acks: i16,
    /// `request.timeout.ms`.
    pub(crate) timeout_ms: i32,
    /// `client.id`.
    pub(crate) client_id: &'static str,
    /// `transactional.id`. Captured on another cluster than the others: the mock cluster here has
    /// no transactions.
    pub(crate) transactional_id: Option<&'static str>,
    /// `enable.idempotence`.
    pub(crate) is_idempotent: bool,
    /// `batch.num.messages`: how many messages each request has.
    pub(crate) batch_messages: usize,
    /// The requests, byte by byte; one each line that begins with a digit.
    pub(crate) fixture: &'static str,
}

impl Scenario {
    /// The messages, request by request.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &'static [Input]> {
        MESSAGES.chunks(self.batch_messages)
    }

    /// The captured frames.
    pub(crate) fn frames(&self) -> Vec<Vec<u8>> {
        let is_frame = |line: &&str| line.starts_with(|first: char| first.is_ascii_hexdigit());
        let byte = |pair: &[u8]| {
            let pair = str::from_utf8(pair).expect("digits");
            u8::from_str_radix(pair, 16).expect("two digits")
        };
        let frame = |line: &str| line.as_bytes().chunks(2).map(byte).collect();
        self.fixture.lines().filter(is_frame).map(frame).collect()
    }
}

macro_rules! scenarios {
    ($($name:literal: $version:literal $(, $field:ident: $value:expr)*;)*) => {
        /// All of them.
        pub(crate) const SCENARIOS: &[Scenario] = &[$(
            Scenario {
                $($field: $value,)*
                ..plain(
                    $name,
                    $version,
                    include_str!(concat!("../../../tests/golden/", $name, ".hex")),
                )
            },
        )*];
    };
}

const fn plain(name: &'static str, version: i16, fixture: &'static str) -> Scenario {
    Scenario {
        name,
        version,
        codec: Codec::None,
        acks: -1,
        timeout_ms: 30_000,
        client_id: "rdkafka",
        transactional_id: None,
        is_idempotent: false,
        batch_messages: MESSAGES.len(),
        fixture,
    }
}

scenarios! {
    "v0": 0;
    "v1": 1;
    "v2": 2;
    "v3": 3;
    "v4": 4;
    "v5": 5;
    "v6": 6;
    "v7": 7;
    "v8": 8;
    "v9": 9;
    "v10": 10;
    "v0-gzip": 0, codec: Codec::Gzip;
    "v0-snappy": 0, codec: Codec::Snappy;
    "v0-lz4": 0, codec: Codec::Lz4;
    "v2-gzip": 2, codec: Codec::Gzip;
    "v2-snappy": 2, codec: Codec::Snappy;
    "v2-lz4": 2, codec: Codec::Lz4;
    "v7-gzip": 7, codec: Codec::Gzip;
    "v7-snappy": 7, codec: Codec::Snappy;
    "v7-lz4": 7, codec: Codec::Lz4;
    "v7-zstd": 7, codec: Codec::Zstd;
    "v10-zstd": 10, codec: Codec::Zstd;
    "v7-acks-0": 7, acks: 0;
    "v7-acks-1": 7, acks: 1, timeout_ms: 12_345;
    "v10-client-id": 10, client_id: "a client of another name";
    "v7-idempotent": 7, is_idempotent: true, batch_messages: 2;
    "v10-idempotent": 10, is_idempotent: true, batch_messages: 2;
    "v7-transactional": 7, is_idempotent: true, transactional_id: Some("my-id");
    "v10-transactional": 10, is_idempotent: true, transactional_id: Some("my-id");
}
