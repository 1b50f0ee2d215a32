//! Produce responses, written here byte by byte from the protocol's table, and what is read of
//! them: each version, each cut, each limit, damage.
#![forbid(unsafe_code)]

use std::sync::Arc;

use proptest::prelude::*;

use super::{Response, ResponseTail, read_response, visit_response};
use crate::error::ErrorCode;
use crate::proto::wire::{Read, Write};

/// A partition of an answer, as the table has it.
pub(crate) struct Answer {
    pub(crate) partition: i32,
    pub(crate) error: i16,
    pub(crate) offset: i64,
    pub(crate) append_time: i64,
    pub(crate) start_offset: i64,
    pub(crate) blamed: &'static [(i32, Option<&'static str>)],
    pub(crate) text: Option<&'static str>,
    pub(crate) leader: Option<(i32, i32)>,
}

pub(crate) const PLAIN: Answer = Answer {
    partition: 3,
    error: 0,
    offset: 1 << 40,
    append_time: -1,
    start_offset: 17,
    blamed: &[],
    text: None,
    leader: None,
};

pub(crate) const BLAMING: Answer = Answer {
    partition: 4,
    error: 87,
    offset: -1,
    append_time: 1_700_000_000_000,
    start_offset: 0,
    blamed: &[(0, Some("no")), (7, None), (9, Some(""))],
    text: Some("bad records"),
    leader: None,
};

const MOVED: Answer = Answer { partition: 0, error: 6, leader: Some((2, 11)), ..PLAIN };

/// A tag with a number that nobody knows, as each place for tags may have it.
const UNKNOWN_TAG: [u8; 4] = [0x85, 0x01, 1, 0xee];

/// The bytes of an answer.
pub(crate) struct Bytes {
    version: i16,
    out: Vec<u8>,
    /// Each place for tags has an unknown one.
    has_unknown_tags: bool,
}

impl Bytes {
    fn flexible(&self) -> bool {
        self.version >= 9
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Few elements: compact counts are one byte.
    fn count(&mut self, count: usize) {
        if self.flexible() {
            self.out.push(u8::try_from(count + 1).expect("one byte"));
        } else {
            self.put(&i32::try_from(count).expect("few").to_be_bytes());
        }
    }

    fn text(&mut self, text: Option<&str>) {
        let bytes = text.unwrap_or_default().as_bytes();
        let len = u8::try_from(bytes.len()).expect("short");
        match (self.flexible(), text) {
            (true, None) => self.put(&[0]),
            (true, Some(_)) => self.put(&[len + 1]),
            (false, None) => self.put(&[0xff, 0xff]),
            (false, Some(_)) => self.put(&[0, len]),
        }
        self.put(bytes);
    }

    /// Tags: one of number 0, if there is a value, and perhaps an unknown one.
    fn tags(&mut self, value: Option<&[u8]>) {
        if !self.flexible() {
            return;
        }
        let unknown = self.has_unknown_tags;
        self.put(&[u8::from(value.is_some()) + u8::from(unknown)]);
        if let Some(value) = value {
            self.put(&[0, u8::try_from(value.len()).expect("short")]);
            self.put(value);
        }
        if unknown {
            self.put(&UNKNOWN_TAG);
        }
    }

    fn partition(&mut self, answer: &Answer) {
        self.put(&answer.partition.to_be_bytes());
        self.put(&answer.error.to_be_bytes());
        self.put(&answer.offset.to_be_bytes());
        if self.version >= 2 {
            self.put(&answer.append_time.to_be_bytes());
        }
        if self.version >= 5 {
            self.put(&answer.start_offset.to_be_bytes());
        }
        if self.version >= 8 {
            self.count(answer.blamed.len());
            for (index, text) in answer.blamed {
                self.put(&index.to_be_bytes());
                self.text(*text);
                self.tags(None);
            }
            self.text(answer.text);
        }
        let leader = answer.leader.map(|(id, epoch)| {
            [&id.to_be_bytes()[..], &epoch.to_be_bytes()[..], &[0][..]].concat()
        });
        self.tags(leader.as_deref());
    }

    /// The whole body.
    pub(crate) fn body(
        version: i16,
        has_unknown_tags: bool,
        topics: &[(&str, &[Answer])],
        throttle_ms: i32,
        nodes: &[(i32, &str, i32)],
    ) -> Vec<u8> {
        let mut bytes = Self { version, out: Vec::new(), has_unknown_tags };
        bytes.count(topics.len());
        for (name, answers) in topics {
            bytes.text(Some(name));
            bytes.count(answers.len());
            answers.iter().for_each(|answer| bytes.partition(answer));
            bytes.tags(None);
        }
        if version >= 1 {
            bytes.put(&throttle_ms.to_be_bytes());
        }
        let mut inner = Self { version, out: Vec::new(), has_unknown_tags };
        inner.count(nodes.len());
        for (id, host, port) in nodes {
            inner.put(&id.to_be_bytes());
            inner.text(Some(host));
            inner.put(&port.to_be_bytes());
            inner.text(None);
            inner.tags(None);
        }
        bytes.tags((!nodes.is_empty()).then_some(&inner.out[..]));
        bytes.out
    }
}

const NODES: [(i32, &str, i32); 2] = [(2, "second", 9_093), (5, "", 0)];

fn everything(version: i16, has_unknown_tags: bool) -> Vec<u8> {
    let topics: [(&str, &[Answer]); 3] =
        [("t1", &[PLAIN, BLAMING]), ("none", &[]), ("t2", &[MOVED])];
    Bytes::body(version, has_unknown_tags, &topics, 250, &NODES)
}

fn single(version: i16, answer: Answer) -> Vec<u8> {
    Bytes::body(version, false, &[("t1", &[answer])], 0, &[])
}

/// What is read, as lines; absent fields have their defaults.
fn shown(body: &[u8], version: i16) -> Result<Vec<String>, ErrorCode> {
    let mut lines = Vec::new();
    let mut read = Read::new(body);
    let tail = visit_response(&mut read, version, |view| {
        let blamed: Vec<_> = view
            .record_errors
            .map(|(index, text)| (index, text.map(String::from_utf8_lossy)))
            .collect();
        lines.push(format!(
            "{} {}: {} at {} time {} start {} blamed {blamed:?} text {:?} leader {:?}",
            view.topic.escape_ascii(),
            view.partition,
            view.error,
            view.base_offset,
            view.log_append_time,
            view.log_start_offset,
            view.error_text.map(String::from_utf8_lossy),
            view.current_leader
        ));
    });
    let tail = tail.map_err(|error| error.code())?;
    assert_eq!(read.left(), 0, "version {version}");
    lines.push(tail_line(&tail));
    Ok(lines)
}

fn tail_line(tail: &ResponseTail) -> String {
    let nodes: Vec<_> = tail
        .endpoints
        .iter()
        .map(|node| format!("{}={}:{}", node.id, node.host, node.port))
        .collect();
    format!("throttle {} nodes {nodes:?}", tail.throttle_ms)
}

fn expected(version: i16) -> Vec<String> {
    let since = |since, text: &str, otherwise: &str| {
        if version >= since { text.to_owned() } else { otherwise.to_owned() }
    };
    let time = since(2, "1700000000000", "-1");
    let start = |number: &str| since(5, number, "-1");
    let blamed = since(8, r#"[(0, Some("no")), (7, None), (9, Some(""))]"#, "[]");
    let text = since(8, r#"Some("bad records")"#, "None");
    let leader = since(9, "Some((2, 11))", "None");
    let throttle = since(1, "250", "0");
    let nodes = since(9, r#"["2=second:9093", "5=:0"]"#, "[]");
    let offset = 1_i64 << 40;
    vec![
        format!(
            "t1 3: 0 at {offset} time -1 start {} blamed [] text None leader None",
            start("17")
        ),
        format!(
            "t1 4: 87 at -1 time {time} start {} blamed {blamed} text {text} leader None",
            start("0")
        ),
        format!(
            "t2 0: 6 at {offset} time -1 start {} blamed [] text None leader {leader}",
            start("17")
        ),
        format!("throttle {throttle} nodes {nodes}"),
    ]
}

#[test]
fn each_version_has_the_fields_of_the_table() {
    for version in 0..=10 {
        let found = shown(&everything(version, false), version);
        assert_eq!(found, Ok(expected(version)), "version {version}");
    }
}

#[test]
fn unknown_tags_are_skipped_wherever_tags_may_be() {
    for version in 9..=10 {
        let found = shown(&everything(version, true), version);
        assert_eq!(found, Ok(expected(version)), "version {version}");
    }
}

#[test]
fn texts_of_blamed_records_are_null_empty_or_there() {
    for version in 8..=10 {
        let response = read_response(&mut Read::new(&single(version, BLAMING)), version);
        let partition = response.expect("valid").partitions.remove(0);
        let blamed: Vec<_> =
            partition.record_errors.iter().map(|it| (it.index, it.text.as_deref())).collect();
        assert_eq!(blamed, [(0, Some(&b"no"[..])), (7, None), (9, Some(b""))]);
        assert_eq!(partition.error_text.as_deref(), Some(&b"bad records"[..]));
    }
}

#[test]
fn a_response_that_ends_early_is_an_underflow_wherever_it_ends() {
    for version in 0..=10 {
        for has_unknown_tags in [false, true] {
            let body = everything(version, has_unknown_tags);
            for end in 0..body.len() {
                let error = shown(&body[..end], version).expect_err("something is missing");
                assert_eq!(error, ErrorCode::_UNDERFLOW, "version {version}, {end} bytes");
            }
        }
    }
}

#[test]
fn a_null_array_of_blamed_records_is_empty_in_each_version_that_has_it() {
    for (version, null) in [(8, &[0xff, 0xff, 0xff, 0xff][..]), (9, &[0]), (10, &[0])] {
        let body = single(version, PLAIN);
        let with_null = {
            // Version 8: count, null text, throttle. Later: count, null text, three places for tags
            // around the throttle.
            let behind = if version == 8 { 2 + 4 } else { 1 + 1 + 1 + 4 + 1 };
            let at = body.len() - behind - null.len();
            [&body[..at], null, &body[body.len() - behind..]].concat()
        };
        assert_eq!(shown(&with_null, version), shown(&body, version), "version {version}");
    }
}

#[test]
fn a_partition_may_be_named_twice() {
    for version in [8, 10] {
        let topics: [(&str, &[Answer]); 2] = [("t1", &[MOVED, MOVED]), ("t1", &[MOVED])];
        let body = Bytes::body(version, false, &topics, 0, &[]);
        let response = read_response(&mut Read::new(&body), version).expect("valid");
        assert_eq!(response.partitions.len(), 3);
        assert!(response.partitions.iter().all(|it| *it == response.partitions[0]));
    }
}

#[test]
fn a_leader_is_acted_on_from_version_10_on() {
    for (version, leader) in [(9, None), (10, Some((2, 11)))] {
        let response = read_response(&mut Read::new(&single(version, MOVED)), version);
        assert_eq!(response.expect("valid").partitions[0].current_leader, leader);
    }
}

#[test]
fn counts_above_the_limits_are_bad() {
    let int = |number: i32| number.to_be_bytes().to_vec();
    let topic = |count: i32| [int(1), vec![0, 1, b't'], int(count)].concat();
    for body in [int(1_000_001), int(-2), int(i32::MIN), topic(100_001), topic(-2)] {
        // As long as if they were there.
        let body = [body, vec![0; 1 << 21]].concat();
        let error = read_response(&mut Read::new(&body), 7).expect_err("too many");
        assert_eq!(error.code(), ErrorCode::_BAD_MSG);
    }
    // Nodes: no topics, no throttle, one tag 0 of a count of 10,001.
    let mut value = Vec::new();
    value.put_count(10_001, true);
    value.resize(value.len() + 11 * 10_001, 0);
    let mut body = vec![1, 0, 0, 0, 0, 1, 0];
    body.put_count(value.len() - 1, true);
    body.put(&value);
    let error = read_response(&mut Read::new(&body), 10).expect_err("too many");
    assert_eq!(error.code(), ErrorCode::_BAD_MSG);
}

/// Bytes on the heap that a response takes, allocations rounded up as a C heap does it.
fn heap(response: &Response) -> usize {
    let block =
        |bytes: usize| if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) };
    let text = |text: &Option<Vec<u8>>| text.as_ref().map_or(0, |text| block(text.capacity()));
    let mut sum = block(size_of_val(&*response.partitions));
    let mut last = None;
    for partition in &response.partitions {
        if last.is_none_or(|last| !Arc::ptr_eq(last, &partition.topic)) {
            sum += block(16 + partition.topic.len());
        }
        last = Some(&partition.topic);
        sum += block(size_of_val(&*partition.record_errors)) + text(&partition.error_text);
        sum += partition.record_errors.iter().map(|it| text(&it.text)).sum::<usize>();
    }
    sum += block(size_of_val(&*response.endpoints));
    sum + response.endpoints.iter().map(|node| block(node.host.capacity())).sum::<usize>()
}

fn is_within_bounds(body: &[u8], version: i16) -> bool {
    read_response(&mut Read::new(body), version)
        .map_or(true, |response| heap(&response) <= 16 * body.len() + (64 << 10))
}

/// A response of many of the shortest partitions that a version has: all of them in one topic, or
/// each in its own; with blamed records.
fn hostile(version: i16, name: &str, topics: usize, partitions: usize, blamed: usize) -> Vec<u8> {
    let flexible = version >= 9;
    let mut one = vec![0; 14];
    one.resize(14 + if version >= 2 { 8 } else { 0 } + if version >= 5 { 8 } else { 0 }, 0);
    if version >= 8 {
        one.put_count(blamed, flexible);
        let mut record = vec![0; 4];
        record.put_string(Some(b"e"), flexible);
        record.put_no_tags(flexible);
        one.put(&record.repeat(blamed));
        one.put_string(None, flexible);
    }
    one.put_no_tags(flexible);
    let mut topic = Vec::new();
    topic.put_string(Some(name.as_bytes()), flexible);
    topic.put_count(partitions, flexible);
    topic.put(&one.repeat(partitions));
    topic.put_no_tags(flexible);
    let mut out = Vec::new();
    out.put_count(topics, flexible);
    out.put(&topic.repeat(topics));
    if version >= 1 {
        out.put_i32(0);
    }
    out.put_no_tags(flexible);
    out
}

#[test]
fn hostile_responses_take_no_more_than_sixteen_times_their_bytes() {
    let long = "x".repeat(249);
    for version in 0..=10 {
        for (name, topics, partitions, blamed) in [
            (&*long, 1, 50_000, 0),
            ("t", 50_000, 1, 0),
            (&*long, 5_000, 2, 0),
            ("t", 1, 1, 50_000),
            ("t", 200, 10, 20),
        ] {
            let body = hostile(version, name, topics, partitions, blamed);
            let response = read_response(&mut Read::new(&body), version).expect("valid");
            assert_eq!(response.partitions.len(), topics * partitions);
            let ratio = heap(&response) as f64 / body.len() as f64;
            assert!(ratio <= 16.0, "{topics} {partitions} {blamed}, version {version}: {ratio:.1}");
        }
    }
}

proptest! {
    #[test]
    fn damage_never_panics_nor_takes_memory(
        version in 0i16..=10,
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        has_unknown_tags in any::<bool>(),
    ) {
        let mut body = everything(version, has_unknown_tags);
        for (place, byte) in places {
            let at = place.index(body.len());
            body[at] = byte;
        }
        prop_assert!(is_within_bounds(&body, version));
        // Neither does the damage of another version's bytes.
        for version in 0..=10 {
            prop_assert!(is_within_bounds(&body, version));
        }
    }

    #[test]
    fn views_and_values_agree(
        version in 0i16..=10,
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut body = everything(version, true);
        for (place, byte) in places {
            let at = place.index(body.len());
            body[at] = byte;
        }
        let mut views = Vec::new();
        let tail = visit_response(&mut Read::new(&body), version, |view| views.push(view));
        match (tail, read_response(&mut Read::new(&body), version)) {
            (Ok(tail), Ok(response)) => {
                prop_assert_eq!(tail.throttle_ms, response.throttle_ms);
                prop_assert_eq!(tail.endpoints, response.endpoints);
                prop_assert_eq!(views.len(), response.partitions.len());
                for (view, value) in views.iter().zip(&response.partitions) {
                    prop_assert_eq!(view.topic, &*value.topic);
                    prop_assert_eq!(view.partition, value.partition);
                    prop_assert_eq!(view.error, value.error);
                    prop_assert_eq!(view.base_offset, value.base_offset);
                    prop_assert_eq!(view.record_errors.len(), value.record_errors.len());
                }
            }
            (tail, response) => prop_assert_eq!(tail.err(), response.err()),
        }
    }
}
