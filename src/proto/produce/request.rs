//! The request: written around record data that is in the same buffer, and read.
#![forbid(unsafe_code)]

use super::{FLEXIBLE_SINCE, PARTITIONS_MAX, TOPICS_MAX};
use crate::proto::varint;
use crate::proto::wire::{Buffer, Read, Result, Write, compact, count_len, string_len};

/// First version with a transactional id.
const TRANSACTIONAL_SINCE: i16 = 3;
/// Bytes that [`SingleWriter`] keeps free for the length of the record data: a fixed length takes
/// the first four of them, a compact one that fits into an `i32` at most five.
const LENGTH_ROOM: usize = 5;

/// What a request says beside its batches.
pub(crate) struct RequestParams<'a> {
    /// Version, 0 to 10.
    pub(crate) version: i16,
    /// `transactional.id`.
    pub(crate) transactional_id: Option<&'a str>,
    /// Acknowledgements that the leader waits for.
    pub(crate) acks: i16,
    /// Milliseconds that the leader may wait for them.
    pub(crate) timeout_ms: i32,
}

/// A request with one batch of one partition that is being written.
pub(crate) struct SingleWriter {
    version: i16,
    length_at: usize,
}

impl SingleWriter {
    /// Writes everything before the record data; the header is in `out` already, at its very start.
    pub(crate) fn start(
        out: &mut impl Buffer,
        params: &RequestParams<'_>,
        topic: &[u8],
        partition: i32,
    ) -> Self {
        let skeleton = Skeleton::begin(out, params, 1);
        skeleton.topic(out, topic, 1);
        out.put_i32(partition);
        let length_at = out.position();
        out.put(&[0; LENGTH_ROOM][..length_room(params.version)]);
        Self { version: params.version, length_at }
    }

    /// Goes on with a request whose length of record data stands at `length_at`.
    pub(crate) fn resume(version: i16, length_at: usize) -> Self {
        Self { version, length_at }
    }

    /// Where the length of the record data stands.
    pub(crate) fn length_at(&self) -> usize {
        self.length_at
    }

    /// Bytes of the request so far, as limits count them: with four bytes for the length.
    pub(crate) fn limited_len(&self, out: &impl Buffer) -> usize {
        out.position() + 4 - length_room(self.version)
    }

    /// Bytes of record data so far.
    pub(crate) fn records_len(&self, out: &impl Buffer) -> usize {
        out.position() - self.length_at - length_room(self.version)
    }

    /// Writes the length of the record data and what comes behind it.
    pub(crate) fn finish(self, out: &mut impl Buffer) -> SinglePart {
        let len = self.records_len(out);
        let start = self.length_at;
        if self.version < FLEXIBLE_SINCE {
            out.patch(start, &i32::try_from(len).unwrap_or(i32::MAX).to_be_bytes());
            return SinglePart { start, end: out.position() };
        }
        let mut bytes = [0; varint::BYTES_MAX];
        let used = varint::write_u64(&mut bytes, compact(len));
        out.close_gap(start, LENGTH_ROOM - used);
        out.patch(start, &bytes[..used]);
        out.put_no_tags(true);
        let end = out.position();
        out.put_no_tags(true);
        SinglePart { start, end }
    }

    /// Writes what stands behind the last topic: the request is complete.
    pub(crate) fn end(out: &mut impl Buffer, version: i16) {
        Skeleton::new(version).end(out);
    }
}

/// Where a batch stands in a request of its own: from the length of its record data to the end of
/// its partition's tags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SinglePart {
    /// Position of the length.
    pub(crate) start: usize,
    /// Position behind the tags.
    pub(crate) end: usize,
}

/// Bytes kept free for a length.
fn length_room(version: i16) -> usize {
    if version >= FLEXIBLE_SINCE { LENGTH_ROOM } else { 4 }
}

/// The bytes around the record data of a request with any number of topics and partitions, in the
/// order of the calls: `begin`, then for each topic `topic`, its partitions and `end_topic`, then
/// `end`. A partition is either `partition`, the record data, `end_partition`, if the data's length
/// is known before; or `open_partition`, the data, `close_partition`.
#[derive(Clone, Copy)]
pub(crate) struct Skeleton {
    version: i16,
    flexible: bool,
}

/// A partition whose record data is being written.
pub(crate) struct OpenPartition {
    length_at: usize,
    width: usize,
}

impl Skeleton {
    /// The bytes around a request of this version.
    pub(crate) fn new(version: i16) -> Self {
        Self { version, flexible: version >= FLEXIBLE_SINCE }
    }

    /// Writes what stands before the first topic.
    pub(crate) fn begin(
        out: &mut impl Write,
        params: &RequestParams<'_>,
        topic_count: usize,
    ) -> Self {
        Self::params(out, params);
        let skeleton = Self::new(params.version);
        skeleton.topics(out, topic_count);
        skeleton
    }

    /// Writes what stands before the count of topics.
    pub(crate) fn params(out: &mut impl Write, params: &RequestParams<'_>) {
        if params.version >= TRANSACTIONAL_SINCE {
            let flexible = params.version >= FLEXIBLE_SINCE;
            out.put_string(params.transactional_id.map(str::as_bytes), flexible);
        }
        out.put_i16(params.acks);
        out.put_i32(params.timeout_ms);
    }

    /// Writes the count of topics.
    pub(crate) fn topics(self, out: &mut impl Write, count: usize) {
        out.put_count(count, self.flexible);
    }

    /// Bytes that [`Skeleton::begin`] and [`Skeleton::end`] write.
    pub(crate) fn frame_len(self, transactional_id: Option<&str>, topic_count: usize) -> usize {
        let id = match self.version {
            ..TRANSACTIONAL_SINCE => 0,
            _ => string_len(transactional_id.map(str::as_bytes), self.flexible),
        };
        id + 2 + 4 + count_len(topic_count, self.flexible) + usize::from(self.flexible)
    }

    /// Writes a topic's name and partition count.
    pub(crate) fn topic(self, out: &mut impl Write, name: &[u8], partition_count: usize) {
        out.put_string(Some(name), self.flexible);
        out.put_count(partition_count, self.flexible);
    }

    /// As [`Skeleton::topic`], with a place for the count, which is written when the topic is
    /// closed. Returns the place. `partition_count` is no guess: the varints must be as wide.
    pub(crate) fn open_topic(
        self,
        out: &mut impl Buffer,
        name: &[u8],
        partition_count: usize,
    ) -> usize {
        out.put_string(Some(name), self.flexible);
        let count_at = out.position();
        let width = count_len(partition_count, self.flexible);
        out.put(&[0; varint::BYTES_MAX][..width]);
        count_at
    }

    /// Writes the count of an open topic's partitions, and what stands behind the last one.
    pub(crate) fn close_topic(self, out: &mut impl Write, count_at: usize, partition_count: usize) {
        let mut count = Vec::with_capacity(varint::BYTES_MAX);
        count.put_count(partition_count, self.flexible);
        out.patch(count_at, &count);
        self.end_topic(out);
    }

    /// Bytes that [`Skeleton::topic`] and [`Skeleton::end_topic`] write.
    pub(crate) fn topic_len(self, name: &[u8], partition_count: usize) -> usize {
        string_len(Some(name), self.flexible)
            + count_len(partition_count, self.flexible)
            + usize::from(self.flexible)
    }

    /// Writes what stands before `records_len` bytes of record data.
    pub(crate) fn partition(self, out: &mut impl Write, partition: i32, records_len: usize) {
        out.put_i32(partition);
        out.put_count(records_len, self.flexible);
    }

    /// Bytes that a partition takes beside its record data.
    pub(crate) fn partition_len(self, records_len: usize) -> usize {
        4 + count_len(records_len, self.flexible) + usize::from(self.flexible)
    }

    /// Writes what stands before record data of a length that is not known yet. `records_len` is a
    /// guess: if the true length's varint is as wide as the guess's, closing moves nothing.
    pub(crate) fn open_partition(
        self,
        out: &mut Vec<u8>,
        partition: i32,
        records_len: usize,
    ) -> OpenPartition {
        out.put_i32(partition);
        let length_at = out.len();
        let width = count_len(records_len, self.flexible);
        out.resize(length_at + width, 0);
        OpenPartition { length_at, width }
    }

    /// Writes the length of the record data between [`Skeleton::open_partition`] and here, and the
    /// partition's tags.
    pub(crate) fn close_partition(self, out: &mut Vec<u8>, open: OpenPartition) {
        let records_at = open.length_at + open.width;
        let mut length = Vec::with_capacity(varint::BYTES_MAX);
        length.put_count(out.len() - records_at, self.flexible);
        if length.len() == open.width {
            out.patch(open.length_at, &length);
        } else {
            out.splice(open.length_at..records_at, length);
        }
        self.end_partition(out);
    }

    /// Writes what stands behind the record data.
    pub(crate) fn end_partition(self, out: &mut impl Write) {
        out.put_no_tags(self.flexible);
    }

    /// Writes what stands behind a topic's last partition.
    pub(crate) fn end_topic(self, out: &mut impl Write) {
        out.put_no_tags(self.flexible);
    }

    /// Writes what stands behind the last topic.
    pub(crate) fn end(self, out: &mut impl Write) {
        out.put_no_tags(self.flexible);
    }
}

/// One batch of a request, as the mock cluster reads it.
pub(crate) struct RequestPartition<'a> {
    /// Topic name.
    pub(crate) topic: &'a [u8],
    /// Partition number.
    pub(crate) partition: i32,
    /// Record data; `None` is null.
    pub(crate) records: Option<&'a [u8]>,
}

/// A request, as the mock cluster reads it.
pub(crate) struct Request<'a> {
    /// `transactional.id`.
    pub(crate) transactional_id: Option<&'a [u8]>,
    /// Milliseconds that the leader may wait for acknowledgements.
    pub(crate) timeout_ms: i32,
    /// Acknowledgements.
    pub(crate) acks: i16,
    /// The batches.
    pub(crate) partitions: Vec<RequestPartition<'a>>,
}

/// Reads a request's body. Its batches twice: what is kept is allocated when it is known to be
/// there, and in one piece.
pub(crate) fn read_request<'a>(read: &mut Read<'a>, version: i16) -> Result<Request<'a>> {
    let transactional_id = match version {
        ..TRANSACTIONAL_SINCE => None,
        _ => read.nullable_string(version >= FLEXIBLE_SINCE)?,
    };
    let acks = read.i16()?;
    let timeout_ms = read.i32()?;
    let mut count = 0;
    visit_batches(&mut read.clone(), version, |_| count += 1)?;
    let mut partitions = Vec::with_capacity(count);
    visit_batches(read, version, |batch| partitions.push(batch))?;
    Ok(Request { transactional_id, timeout_ms, acks, partitions })
}

fn visit_batches<'a>(
    read: &mut Read<'a>,
    version: i16,
    mut visit: impl FnMut(RequestPartition<'a>),
) -> Result<()> {
    let flexible = version >= FLEXIBLE_SINCE;
    for _ in 0..read.count(flexible, TOPICS_MAX)? {
        let topic = read.string(flexible)?;
        for _ in 0..read.count(flexible, PARTITIONS_MAX)? {
            let partition = read.i32()?;
            let records = read.nullable_bytes(flexible)?;
            read.skip_tags(flexible)?;
            visit(RequestPartition { topic, partition, records });
        }
        read.skip_tags(flexible)?;
    }
    read.skip_tags(flexible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Flat<'a> = Vec<(&'a [u8], i32, Option<&'a [u8]>)>;
    type Topics = Vec<(Vec<u8>, Vec<(i32, Vec<u8>)>)>;

    fn topics() -> impl Strategy<Value = Topics> {
        let name = proptest::collection::vec(any::<u8>(), 1..200);
        let records = proptest::collection::vec(any::<u8>(), 0..300);
        let partitions = proptest::collection::vec((any::<i32>(), records), 0..5);
        proptest::collection::vec((name, partitions), 0..4)
    }

    /// A request; with a `guess` its partitions are opened and closed, without one their lengths
    /// are told.
    fn written(version: i16, topics: &Topics, guess: Option<usize>) -> Vec<u8> {
        let params =
            RequestParams { version, transactional_id: Some("id"), acks: 1, timeout_ms: 7 };
        let mut out = Vec::new();
        let skeleton = Skeleton::begin(&mut out, &params, topics.len());
        for (name, partitions) in topics {
            skeleton.topic(&mut out, name, partitions.len());
            for (partition, records) in partitions {
                match guess {
                    Some(guess) => {
                        let open = skeleton.open_partition(&mut out, *partition, guess);
                        out.put(records);
                        skeleton.close_partition(&mut out, open);
                    }
                    None => {
                        skeleton.partition(&mut out, *partition, records.len());
                        out.put(records);
                        skeleton.end_partition(&mut out);
                    }
                }
            }
            skeleton.end_topic(&mut out);
        }
        skeleton.end(&mut out);
        out
    }

    proptest! {
        #[test]
        fn requests_read_back(version in 0i16..=10, topics in topics()) {
            let bytes = written(version, &topics, None);
            let mut read = Read::new(&bytes);
            let request = read_request(&mut read, version).expect("our own bytes");
            prop_assert_eq!(read.left(), 0);
            prop_assert_eq!((request.acks, request.timeout_ms), (1, 7));
            prop_assert_eq!(request.transactional_id, (version >= 3).then_some(&b"id"[..]));
            let flat: Flat<'_> = topics
                .iter()
                .flat_map(|(name, partitions)| {
                    partitions.iter().map(|(id, records)| (&name[..], *id, Some(&records[..])))
                })
                .collect();
            let read: Flat<'_> =
                request.partitions.iter().map(|it| (it.topic, it.partition, it.records)).collect();
            prop_assert_eq!(read, flat);
        }

        #[test]
        fn a_wrong_guess_gives_the_same_bytes(
            version in 0i16..=10,
            topics in topics(),
            guess in 0usize..40_000,
        ) {
            let told = written(version, &topics, None);
            prop_assert_eq!(written(version, &topics, Some(guess)), told);
        }

        #[test]
        fn lengths_are_exact(version in 0i16..=10, topics in topics()) {
            let skeleton = Skeleton::new(version);
            let mut len = skeleton.frame_len(Some("id"), topics.len());
            for (name, partitions) in &topics {
                len += skeleton.topic_len(name, partitions.len());
                for (_, records) in partitions {
                    len += skeleton.partition_len(records.len()) + records.len();
                }
            }
            prop_assert_eq!(written(version, &topics, None).len(), len);
        }

        #[test]
        fn a_single_writer_gives_the_same_bytes(
            version in 0i16..=10,
            len in prop_oneof![0usize..300, 16_000usize..17_000, Just(2_100_000)],
        ) {
            let records = vec![5; len];
            let topics = vec![(b"orders".to_vec(), vec![(3, records.clone())])];
            let params =
                RequestParams { version, transactional_id: Some("id"), acks: 1, timeout_ms: 7 };
            let mut out = vec![0xaa; 3];
            let single = SingleWriter::start(&mut out, &params, b"orders", 3);
            out.put(&records);
            prop_assert_eq!(single.records_len(&out), len);
            let part = single.finish(&mut out);
            SingleWriter::end(&mut out, version);
            prop_assert_eq!(&out[..3], &[0xaa; 3]);
            prop_assert!(out[3..] == written(version, &topics, None));
            let mut expected = Vec::new();
            expected.put_count(len, version >= FLEXIBLE_SINCE);
            expected.put(&records);
            expected.put_no_tags(version >= FLEXIBLE_SINCE);
            prop_assert!(out[part.start..part.end] == expected);
        }

        #[test]
        fn damaged_requests_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for version in 0..=10 {
                let _ = read_request(&mut Read::new(&bytes), version);
            }
        }
    }
}
