//! A fake Kafka broker for benchmarks: it acknowledges every Produce request at once, keeps
//! nothing and counts records. Any topic exists; `NAME-pN` has N partitions, others have one.
//!
//! `sink PORT_FILE` listens on a free loopback port and writes `127.0.0.1:PORT` into the file. When
//! a connection with Produce requests ends it prints how many of them, of batches, records and
//! bytes it saw; when standard input ends it leaves.
//! Only old, inflexible versions are offered, so the same code serves every client.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// Key, lowest and highest version. Fetch, ListOffsets and FindCoordinator are listed only because
/// clients infer from them which batches and codecs are understood.
const APIS: [(i16, i16, i16); 7] =
    [(0, 0, 7), (1, 0, 10), (2, 0, 1), (3, 0, 4), (10, 0, 0), (18, 0, 0), (22, 0, 1)];
const PRODUCE: i16 = 0;
const METADATA: i16 = 3;
const API_VERSIONS: i16 = 18;
const INIT_PRODUCER_ID: i16 = 22;
const UNSUPPORTED_VERSION: i16 = 35;

/// What a connection saw of Produce.
#[derive(Default)]
struct Seen {
    requests: u64,
    batches: u64,
    records: u64,
    bytes: u64,
}

/// Reads big-endian fields; a request that ends early is an error of the connection.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, size: usize) -> io::Result<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(size).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = tail;
        Ok(head)
    }

    fn i16(&mut self) -> io::Result<i16> {
        self.take(2).map(|b| i16::from_be_bytes([b[0], b[1]]))
    }

    fn i32(&mut self) -> io::Result<i32> {
        self.take(4).map(|b| i32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// A string; a null one is empty.
    fn string(&mut self) -> io::Result<&'a [u8]> {
        let length = self.i16()?;
        self.take(usize::try_from(length).unwrap_or(0))
    }

    fn bytes(&mut self) -> io::Result<&'a [u8]> {
        let length = self.i32()?;
        self.take(usize::try_from(length).unwrap_or(0))
    }
}

fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as i16).to_be_bytes());
    out.extend_from_slice(text);
}

fn put_i16(out: &mut Vec<u8>, value: i16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put_i32(out: &mut Vec<u8>, value: i32) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn partition_count(topic: &[u8]) -> i32 {
    let name = String::from_utf8_lossy(topic);
    name.rsplit_once("-p").and_then(|(_, count)| count.parse().ok()).unwrap_or(1)
}

fn api_versions(error: i16, out: &mut Vec<u8>) {
    put_i16(out, error);
    put_i32(out, APIS.len() as i32);
    for (key, low, high) in APIS {
        put_i16(out, key);
        put_i16(out, low);
        put_i16(out, high);
    }
}

fn metadata(
    request: &mut Fields<'_>,
    version: i16,
    port: u16,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let count = request.i32()?;
    if version >= 3 {
        put_i32(out, 0);
    }
    put_i32(out, 1);
    put_i32(out, 1);
    put_string(out, b"127.0.0.1");
    put_i32(out, i32::from(port));
    if version >= 1 {
        put_i16(out, -1);
    }
    if version >= 2 {
        put_string(out, b"sink");
    }
    if version >= 1 {
        put_i32(out, 1);
    }
    put_i32(out, count.max(0));
    for _ in 0..count {
        let topic = request.string()?;
        put_i16(out, 0);
        put_string(out, topic);
        if version >= 1 {
            out.push(0);
        }
        let partitions = partition_count(topic);
        put_i32(out, partitions);
        for partition in 0..partitions {
            put_i16(out, 0);
            put_i32(out, partition);
            // Leader, one replica, one in sync: all the only node.
            for field in [1, 1, 1, 1, 1] {
                put_i32(out, field);
            }
        }
    }
    Ok(())
}

/// The record count stands at byte 57 of a record batch.
fn count_records(mut set: &[u8], seen: &mut Seen) {
    while let Some(head) = set.get(..61) {
        let size = 12 + u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let records = u32::from_be_bytes([head[57], head[58], head[59], head[60]]);
        seen.batches += 1;
        seen.records += u64::from(records);
        set = set.get(size..).unwrap_or(&[]);
    }
}

/// Answers whether a response is due.
fn produce(
    request: &mut Fields<'_>,
    version: i16,
    seen: &mut Seen,
    out: &mut Vec<u8>,
) -> io::Result<bool> {
    seen.requests += 1;
    seen.bytes += request.0.len() as u64;
    if version >= 3 {
        request.string()?;
    }
    let acks = request.i16()?;
    request.i32()?;
    let topics = request.i32()?;
    put_i32(out, topics);
    for _ in 0..topics {
        put_string(out, request.string()?);
        let partitions = request.i32()?;
        put_i32(out, partitions);
        for _ in 0..partitions {
            put_i32(out, request.i32()?);
            count_records(request.bytes()?, seen);
            put_i16(out, 0);
            put_i64(out, 0);
            if version >= 2 {
                put_i64(out, -1);
            }
            if version >= 5 {
                put_i64(out, 0);
            }
        }
    }
    if version >= 1 {
        put_i32(out, 0);
    }
    Ok(acks != 0)
}

fn answer(frame: &[u8], port: u16, seen: &mut Seen, out: &mut Vec<u8>) -> io::Result<()> {
    let mut request = Fields(frame);
    let (key, version) = (request.i16()?, request.i16()?);
    let correlation_id = request.i32()?;
    let start = out.len();
    put_i32(out, 0);
    put_i32(out, correlation_id);
    let known = APIS.iter().any(|api| api.0 == key && (api.1..=api.2).contains(&version));
    let mut due = true;
    match key {
        API_VERSIONS => api_versions(if known { 0 } else { UNSUPPORTED_VERSION }, out),
        _ if !known => return Err(io::ErrorKind::Unsupported.into()),
        PRODUCE => {
            request.string()?;
            due = produce(&mut request, version, seen, out)?;
        }
        METADATA => {
            request.string()?;
            metadata(&mut request, version, port, out)?;
        }
        INIT_PRODUCER_ID => {
            put_i32(out, 0);
            put_i16(out, 0);
            put_i64(out, 1);
            put_i16(out, 0);
        }
        _ => return Err(io::ErrorKind::Unsupported.into()),
    }
    if !due {
        out.truncate(start);
        return Ok(());
    }
    let size = (out.len() - start - 4) as i32;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
    Ok(())
}

/// Reads what is there, answers all whole requests with one write.
fn serve(mut stream: TcpStream, port: u16, seen: &mut Seen) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = vec![0; 4 << 20];
    let (mut have, mut out) = (0, Vec::new());
    loop {
        let got = stream.read(&mut bytes[have..])?;
        if got == 0 {
            return Ok(());
        }
        have += got;
        let mut at = 0;
        while have - at >= 4 {
            let head = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            let size = 4 + u32::from_be_bytes(head) as usize;
            if have - at < size {
                if size > bytes.len() {
                    bytes.resize(size, 0);
                }
                break;
            }
            answer(&bytes[at + 4..at + size], port, seen, &mut out)?;
            at += size;
        }
        bytes.copy_within(at..have, 0);
        have -= at;
        stream.write_all(&out)?;
        out.clear();
    }
}

fn main() -> io::Result<()> {
    let file = std::env::args().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::fs::write(file, format!("127.0.0.1:{port}\n"))?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut seen = Seen::default();
                // How the connection ended is the client's business.
                let _ = serve(stream, port, &mut seen);
                let Seen { requests, batches, records, bytes } = seen;
                if requests > 0 {
                    println!(
                        "requests={requests} batches={batches} records={records} \
                         wire_bytes={bytes}"
                    );
                }
            });
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
