//! Reads a topic from its first offset to its high watermark and prints one line a record:
//!
//! ```text
//! PARTITION <TAB> OFFSET <TAB> KEY <TAB> VALUE <TAB> NAME=VALUE,...
//! ```
//!
//! `readback HOST:PORT[,...] TOPIC`. A reader of its own (Metadata and Fetch through the crate
//! `kafka-protocol`), so that what the library wrote is not judged by the library. A null key or
//! value prints as `NULL`. Uncompressed and gzip batches only: for other codecs use a consumer.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufWriter, Read, Write};
use std::net::TcpStream;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ApiKey, FetchRequest, FetchResponse, MetadataRequest, MetadataResponse, RequestHeader,
    ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use kafka_protocol::records::{Compression, Record, RecordBatchDecoder};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Versions that every broker and mock cluster of interest speaks.
const METADATA_VERSION: i16 = 1;
const FETCH_VERSION: i16 = 4;

struct Connection {
    stream: TcpStream,
    correlation_id: i32,
}

impl Connection {
    fn open(address: &str) -> Outcome<Self> {
        Ok(Self { stream: TcpStream::connect(address)?, correlation_id: 0 })
    }

    /// Sends one request and reads its response. Both versions have the oldest plain headers.
    fn ask<A: Encodable, B: Decodable>(
        &mut self,
        key: ApiKey,
        version: i16,
        body: &A,
    ) -> Outcome<B> {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(key as i16)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("readback")));
        let mut request = BytesMut::new();
        header.encode(&mut request, 1)?;
        body.encode(&mut request, version)?;
        let mut frame = BytesMut::new();
        frame.put_i32(i32::try_from(request.len())?);
        frame.extend_from_slice(&request);
        self.stream.write_all(&frame)?;

        let mut size = [0; 4];
        self.stream.read_exact(&mut size)?;
        let mut response = vec![0; usize::try_from(i32::from_be_bytes(size))?];
        self.stream.read_exact(&mut response)?;
        let mut response = Bytes::from(response);
        let header = ResponseHeader::decode(&mut response, 0)?;
        if header.correlation_id != self.correlation_id {
            return Err("response to another request".into());
        }
        Ok(B::decode(&mut response, version)?)
    }
}

/// Where each partition of `topic` is led: partition number and address, in order.
fn leaders(bootstraps: &str, topic: &TopicName) -> Outcome<Vec<(i32, String)>> {
    let mut connection = bootstraps
        .split(',')
        .find_map(|address| Connection::open(address).ok())
        .ok_or("no bootstrap address answers")?;
    let request = MetadataRequest::default()
        .with_topics(Some(vec![MetadataRequestTopic::default().with_name(Some(topic.clone()))]));
    let metadata: MetadataResponse =
        connection.ask(ApiKey::Metadata, METADATA_VERSION, &request)?;
    let addresses: HashMap<i32, String> = metadata
        .brokers
        .iter()
        .map(|broker| (broker.node_id.0, format!("{}:{}", &*broker.host, broker.port)))
        .collect();
    let topic = metadata.topics.first().ok_or("the topic is not in the metadata")?;
    if topic.error_code != 0 {
        return Err(format!("the topic has error {}", topic.error_code).into());
    }
    let mut found = Vec::new();
    for partition in &topic.partitions {
        let address = addresses.get(&partition.leader_id.0).ok_or("a partition has no leader")?;
        found.push((partition.partition_index, address.clone()));
    }
    found.sort();
    Ok(found)
}

fn decompress(packed: &Bytes, codec: Compression) -> io::Result<Bytes> {
    match codec {
        Compression::None => Ok(packed.clone()),
        Compression::Gzip => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut plain)?;
            Ok(plain.into())
        }
        other => Err(io::Error::other(format!("{other:?}: read this with a consumer"))),
    }
}

/// The records of one partition from `offset` on, and its high watermark.
fn fetch(
    connection: &mut Connection,
    topic: &TopicName,
    partition: i32,
    offset: i64,
) -> Outcome<(Vec<Record>, i64)> {
    let wanted = FetchPartition::default()
        .with_partition(partition)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(8 << 20);
    let request = FetchRequest::default()
        .with_max_wait_ms(100)
        .with_min_bytes(1)
        .with_max_bytes(16 << 20)
        .with_topics(vec![
            FetchTopic::default().with_topic(topic.clone()).with_partitions(vec![wanted]),
        ]);
    let response: FetchResponse = connection.ask(ApiKey::Fetch, FETCH_VERSION, &request)?;
    let data = response
        .responses
        .into_iter()
        .flat_map(|topic| topic.partitions)
        .next()
        .ok_or("the partition is not in the response")?;
    if data.error_code != 0 {
        return Err(format!("fetch: error {}", data.error_code).into());
    }
    let mut bytes = data.records.unwrap_or_default();
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let set = RecordBatchDecoder::decode_with_custom_compression(
            &mut bytes,
            Some(|packed: &mut Bytes, codec| Ok(decompress(packed, codec)?)),
        )?;
        records.extend(set.records);
    }
    records.retain(|record| record.offset >= offset && !record.control);
    Ok((records, data.high_watermark))
}

fn print(out: &mut impl Write, partition: i32, record: &Record) -> io::Result<()> {
    const NULL: &[u8] = b"NULL";
    write!(out, "{partition}\t{}\t", record.offset)?;
    out.write_all(record.key.as_deref().unwrap_or(NULL))?;
    out.write_all(b"\t")?;
    out.write_all(record.value.as_deref().unwrap_or(NULL))?;
    for (index, (name, value)) in record.headers.iter().enumerate() {
        out.write_all(if index == 0 { b"\t" } else { b"," })?;
        write!(out, "{}=", &**name)?;
        out.write_all(value.as_deref().unwrap_or(NULL))?;
    }
    out.write_all(b"\n")
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstraps, topic] = &arguments[..] else {
        return Err("usage: readback HOST:PORT[,...] TOPIC".into());
    };
    let topic = TopicName(StrBytes::from_string(topic.clone()));
    let mut out = BufWriter::new(io::stdout().lock());
    for (partition, address) in leaders(bootstraps, &topic)? {
        let mut connection = Connection::open(&address)?;
        let mut offset = 0;
        loop {
            let (records, end) = fetch(&mut connection, &topic, partition, offset)?;
            for record in &records {
                print(&mut out, partition, record)?;
                offset = record.offset + 1;
            }
            if offset >= end {
                break;
            }
            if records.is_empty() {
                return Err(format!("partition {partition} ends at {offset} before {end}").into());
            }
        }
    }
    out.flush()?;
    Ok(())
}
