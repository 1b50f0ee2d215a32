//! Batches against a model: what Kafka reads of them, what reports give back, and what the account
//! has.

use std::ptr::NonNull;

use kafka_protocol::records::RecordBatchDecoder;
use proptest::prelude::*;

use super::*;
use crate::codec::decompress;
use crate::own::headers::Headers;
use crate::own::msg::Value;
use crate::own::segbuf::REFERENCED_FROM;
use crate::proto::record::reader;

const NO_LIMITS: Limits = Limits { messages: usize::MAX, bytes: usize::MAX };
const STAMP: ProducerStamp =
    ProducerStamp { id: 77, epoch: 3, base_sequence: 1000, is_transactional: false };

/// How the application gives a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Null,
    Copy,
    Lend,
    Give,
}

/// A message of the application.
#[derive(Clone, Debug)]
struct Input {
    how: How,
    value: Vec<u8>,
    key: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    timestamp_ms: i64,
    now: i64,
}

impl Input {
    fn plain(value: &[u8]) -> Self {
        let (key, headers) = (None, Vec::new());
        Self { how: How::Copy, value: value.to_vec(), key, headers, timestamp_ms: 7, now: 100 }
    }

    fn wire_value(&self) -> Option<&[u8]> {
        (self.how != How::Null).then_some(&self.value[..])
    }
}

fn field(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        9 => proptest::collection::vec(any::<u8>(), 0..200),
        1 => (0..most, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let how = prop_oneof![
        6 => Just(How::Copy), 1 => Just(How::Lend), 1 => Just(How::Give), 1 => Just(How::Null)
    ];

    let headers = prop_oneof![
        5 => Just(Vec::new()),
        1 => proptest::collection::btree_map("[a-z]{0,9}", proptest::option::of(field(300)), 0..4)
            .prop_map(|map| map.into_iter().collect::<Vec<_>>()),
    ];

    let times = (prop_oneof![0i64..20_000, Just(1 << 44)], 0i64..5000);
    (how, field(200_000), proptest::option::of(field(40_000)), headers, times).prop_map(
        |(how, value, key, headers, (timestamp_ms, now))| Input {
            how,
            value,
            key,
            headers,
            timestamp_ms,
            now,
        },
    )
}

fn account() -> Arc<Account> {
    Arc::new(Account::new(0, i64::MAX))
}

/// What the application's pointer is.
fn opaque(number: usize) -> *mut c_void {
    std::ptr::without_provenance_mut(number)
}

/// A copy of a value on the C heap, which a batch will free.
fn on_heap(value: &[u8]) -> NonNull<u8> {
    let copy = heap::malloc(value.len().max(1));
    // SAFETY: the copy is fresh and has room.
    unsafe {
        std::ptr::copy_nonoverlapping(value.as_ptr(), copy, value.len());
        NonNull::new_unchecked(copy)
    }
}

/// Pushes messages with ids from 1 on into a batch; the pointers that were given.
fn open(account: &Arc<Account>, inputs: &[Input]) -> (Open, Vec<*mut u8>) {
    let (mut open, mut given): (Option<Open>, _) = (None, Vec::new());
    for (number, input) in inputs.iter().enumerate() {
        let headers = (!input.headers.is_empty()).then(|| {
            let mut headers = Box::new(Headers::new());
            for (name, value) in &input.headers {
                headers.add(name.as_bytes(), value.as_deref());
            }
            headers
        });
        let value = match input.how {
            How::Null => Value::Null(input.value.len()),
            How::Copy => Value::Copy(&input.value),
            How::Lend => Value::Borrow(NonNull::from(&input.value[..]).cast(), input.value.len()),
            How::Give => Value::Take(on_heap(&input.value), input.value.len()),
        };
        given.push(match value {
            Value::Borrow(start, _) | Value::Take(start, _) => start.as_ptr(),
            _ => std::ptr::null_mut(),
        });
        assert!(account.try_admit(input.value.len()), "room");
        let new = NewMessage {
            partition: 0,
            value,
            key: input.key.as_deref(),
            headers,
            timestamp_ms: input.timestamp_ms,
            opaque: opaque(number),
            now: Ts(input.now),
            expires: Ts(input.now + 10_000),
        };
        let id = number as u64 + 1;
        let open = open.get_or_insert_with(|| Open::new(account, &new, id, Room::default()));
        assert!(open.push(&new, id, NO_LIMITS), "no limit is reached");
    }
    (open.expect("a message"), given)
}

fn batch(account: &Arc<Account>, inputs: &[Input]) -> Batch {
    open(account, inputs).0.close()
}

fn wire(bytes: &Bytes) -> Vec<u8> {
    let whole = bytes.slices().collect::<Vec<_>>().concat();
    assert_eq!(whole.len(), bytes.len());
    whole
}

/// A record as Kafka's own reader gives it: timestamp, key, value, headers.
type Read = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn expected(inputs: &[Input]) -> Vec<Read> {
    let read = |input: &Input| {
        let value = input.wire_value().map(<[u8]>::to_vec);
        (input.timestamp_ms, input.key.clone(), value, input.headers.clone())
    };
    inputs.iter().map(read).collect()
}

/// What `kafka-protocol` reads, whose offsets and sequences count from the first message.
fn read(bytes: Vec<u8>, used: Codec) -> Vec<Read> {
    let inflate = |packed: &mut bytes::Bytes, _| {
        Ok(bytes::Bytes::from(decompress(used, packed).expect("our own bytes")))
    };
    let (_, header) = (reader::records(&bytes).expect("CRC and counts"), reader::header(&bytes));
    assert_eq!(header.expect("a header").producer, STAMP);
    let mut all = bytes::Bytes::from(bytes);
    let set = RecordBatchDecoder::decode_with_custom_compression(&mut all, Some(inflate))
        .expect("our own bytes");
    assert!(all.is_empty());
    let record = |(at, record): (usize, &kafka_protocol::records::Record)| {
        assert_eq!((record.offset, record.sequence), (at as i64, 1000 + at as i32));
        let headers = record.headers.iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.as_ref().map(|value| value.to_vec())));
        let [key, value] = [&record.key, &record.value].map(|it| it.as_ref().map(|it| it.to_vec()));
        (record.timestamp, key, value, headers.collect())
    };
    set.records.iter().enumerate().map(record).collect()
}

fn sealed(batch: &mut Batch) -> Vec<Read> {
    batch.seal(STAMP);
    read(wire(batch.bytes()), Codec::None)
}

/// What reports would say of messages from `first` on.
fn check(batch: &Batch, inputs: &[Input], given: &[*mut u8], numbers: &[usize]) {
    assert_eq!(batch.total(), numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let (input, kept) = (&inputs[*number], batch.message(at));
        assert_eq!(kept.opaque, opaque(*number));
        assert_eq!((kept.timestamp_ms, kept.key), (input.timestamp_ms, input.key.as_deref()));
        assert_eq!((kept.value, kept.len), (input.wire_value(), input.value.len()));
        match input.how {
            How::Null => assert!(kept.payload.is_null()),
            How::Lend | How::Give => assert_eq!(kept.payload, given[*number], "the very pointer"),
            How::Copy => assert_ne!(kept.payload.cast_const(), input.value.as_ptr()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn kafka_reads_what_was_produced_and_reports_give_it_back(
        inputs in proptest::collection::vec(input(), 1..30),
        codec in 0i16..5,
    ) {
        let account = account();
        let (open, given) = open(&account, &inputs);
        let mut batch = open.close();
        let numbers: Vec<usize> = (0..inputs.len()).collect();
        check(&batch, &inputs, &given, &numbers);
        prop_assert_eq!(sealed(&mut batch), expected(&inputs));
        let codec = Codec::from_bits(codec).expect("0 to 4");
        if codec != Codec::None
            && let Some(smaller) = batch.compressed(STAMP, &mut Compressor::new(codec, -1))
        {
            prop_assert!(smaller.len() <= batch.bytes().len());
            prop_assert_eq!(read(smaller, codec), expected(&inputs));
        }
        check(&batch, &inputs, &given, &numbers);
        let values: usize = inputs.iter().map(|input| input.value.len()).sum();
        prop_assert_eq!(account.bytes(), values as i64);
        drop(batch);
        prop_assert_eq!((account.messages(), account.bytes()), (0, 0));
    }

    #[test]
    fn a_batch_that_is_divided_or_turned_round_keeps_its_messages(
        inputs in proptest::collection::vec(input(), 2..20),
        at in any::<proptest::sample::Index>(),
        turns in any::<bool>(),
    ) {
        let account = account();
        let (open, given) = open(&account, &inputs);
        let mut rest = open.close();
        let count = at.index(inputs.len() - 1) + 1;
        let queued = rest.queued_bytes();
        let mut first = rest.split(count);
        prop_assert_eq!(first.queued_bytes() + rest.queued_bytes(), queued);
        prop_assert_eq!((first.first_id(), first.last_id()), (1, count as u64));
        prop_assert_eq!((rest.first_id(), rest.last_id()), (count as u64 + 1, inputs.len() as u64));
        let numbers: Vec<usize> = (0..inputs.len()).collect();
        check(&first, &inputs, &given, &numbers[..count]);
        check(&rest, &inputs, &given, &numbers[count..]);
        prop_assert_eq!(sealed(&mut first), expected(&inputs[..count]));
        prop_assert_eq!(sealed(&mut rest), expected(&inputs[count..]));
        check(&first, &inputs, &given, &numbers[..count]);
        let mut behind = numbers[count..].to_vec();
        if turns {
            rest.reverse();
            behind.reverse();
            let turned: Vec<Input> = inputs[count..].iter().rev().cloned().collect();
            prop_assert_eq!(sealed(&mut rest), expected(&turned));
        }
        check(&rest, &inputs, &given, &behind);
        drop(first);
        prop_assert_eq!(account.messages(), (inputs.len() - count) as i64);
        drop(rest);
        prop_assert_eq!((account.messages(), account.bytes()), (0, 0));
    }
}

#[test]
fn a_sealed_batch_is_what_the_other_engine_writes() {
    let account = account();
    let mut inputs = vec![Input::plain(b"one"), Input::plain(&[9; 300]), Input::plain(b"")];
    (inputs[1].key, inputs[2].timestamp_ms) = (Some(b"key".to_vec()), 3);
    let mut batch = batch(&account, &inputs);
    batch.seal(STAMP);
    let mut out = Vec::new();
    let mut writer = BatchWriter::start(&mut out, inputs[0].timestamp_ms);
    for input in &inputs {
        let (key, value) = (input.key.as_deref(), input.wire_value());
        let timestamp = input.timestamp_ms;
        writer.push(&mut out, &NewRecord { timestamp, key, value, headers: &() });
    }
    writer.finish(&mut out, STAMP, None);
    assert_eq!(wire(batch.bytes()), out);
}

#[test]
fn timestamps_that_go_backwards_stay_as_they_are() {
    let account = account();
    let mut inputs: Vec<Input> = (0..3).map(|_| Input::plain(b"v")).collect();
    for (input, timestamp) in inputs.iter_mut().zip([1 << 44, 5, (1 << 44) - 9000]) {
        input.timestamp_ms = timestamp;
    }
    let mut batch = batch(&account, &inputs);
    assert_eq!(sealed(&mut batch), expected(&inputs));
    let header = reader::header(&wire(batch.bytes())).expect("our own bytes");
    assert_eq!((header.base_timestamp, header.max_timestamp), (1 << 44, 1 << 44));
}

#[test]
fn a_large_value_that_is_not_copied_stays_where_it_is() {
    let account = account();
    for (how, is_outside) in [(How::Lend, true), (How::Give, true), (How::Copy, false)] {
        let large = Input { how, ..Input::plain(&[7; REFERENCED_FROM]) };
        let less = Input { how, ..Input::plain(&[7; REFERENCED_FROM - 1]) };
        let inputs = [Input::plain(b"a"), large, less];
        let (open, given) = open(&account, &inputs);
        let batch = open.close();
        let is_in_place =
            |piece: &&[u8]| piece.len() == REFERENCED_FROM && piece.as_ptr() == given[1];
        assert_eq!(batch.bytes().slices().filter(is_in_place).count() == 1, is_outside, "{how:?}");
        check(&batch, &inputs, &given, &[0, 1, 2]);
    }
}

#[test]
fn a_batch_takes_messages_up_to_its_limits_and_one_that_is_larger_alone() {
    let account = account();
    let message = |value: &'static [u8], now| NewMessage {
        partition: 0,
        value: Value::Copy(value),
        key: None,
        headers: None,
        timestamp_ms: 0,
        opaque: std::ptr::null_mut(),
        now: Ts(now),
        expires: Ts::MAX,
    };
    let small = message(&[1; 10], 50);
    let filled = |limits| {
        let mut open = Open::new(&account, &small, 1, Room::default());
        let ids = (1..100).take_while(|id| {
            let is_in = open.push(&small, *id, limits);
            assert!(!is_in || account.try_admit(10));
            is_in
        });
        (ids.count(), open.record_bytes() + HEADER_BYTES)
    };
    assert_eq!(filled(Limits { messages: 4, ..NO_LIMITS }).0, 4);
    let (count, len) = filled(Limits { bytes: 200, ..NO_LIMITS });
    assert_eq!((count, len), (8, 61 + 8 * 17));
    assert_eq!(filled(Limits { bytes: len, ..NO_LIMITS }), (count, len), "to the byte");
    assert_eq!(filled(Limits { bytes: len - 1, ..NO_LIMITS }).0, count - 1);

    let large = message(&[1; 500], 50);
    let mut open = Open::new(&account, &large, 7, Room::default());
    let limits = Limits { bytes: 200, ..NO_LIMITS };
    assert!(account.try_admit(500) && open.push(&large, 7, limits));
    assert!(!open.push(&small, 8, limits));
    drop(open);

    let mut open = Open::new(&account, &small, 7, Room::default());
    assert!(account.try_admit(10) && open.push(&small, 7, NO_LIMITS));
    assert!(!open.push(&small, 9, NO_LIMITS), "ids have no gaps");
    let later = message(b"", 50 + i64::from(u32::MAX) + 1);
    assert!(!open.push(&later, 8, NO_LIMITS), "a slot has no room for such an age");
    assert!(account.try_admit(10) && open.push(&message(&[1; 10], 40), 8, NO_LIMITS));
    let batch = open.close();
    assert_eq!(batch.times().collect::<Vec<_>>(), [Ts(50), Ts(50)], "who called earlier, is not");
    drop(batch);
    assert_eq!((account.messages(), account.bytes()), (0, 0));
}

#[test]
fn messages_expire_from_the_first_on() {
    let account = account();
    let mut inputs: Vec<Input> = (0..4).map(|_| Input::plain(b"v")).collect();
    for (input, now) in inputs.iter_mut().zip([100, 150, 150, 900]) {
        input.now = now;
    }
    let batch = batch(&account, &inputs);
    assert_eq!(batch.expires(), Ts(10_100));
    for (now, count) in [(10_099, 0), (10_100, 1), (10_149, 1), (10_150, 3), (10_900, 4)] {
        assert_eq!(batch.expired(Ts(now)), count, "at {now}");
    }
}

#[test]
fn messages_that_ended_are_given_back_by_whoever_ended_them() {
    let account = account();
    let inputs = [Input::plain(b"12345"), Input { how: How::Give, ..Input::plain(b"678") }];
    let mut batch = batch(&account, &inputs);
    batch.end(5);
    assert_eq!((batch.len(), batch.total()), (1, 2));
    drop(batch);
    assert_eq!((account.messages(), account.bytes()), (1, 5));
}

#[test]
fn a_batch_that_goes_under_another_epoch_keeps_its_records() {
    let account = account();
    let mut batch = batch(&account, &[Input::plain(b"v")]);
    batch.seal(ProducerStamp::NONE);
    let before = batch.message(0).payload;
    assert_eq!(sealed(&mut batch), expected(&[Input::plain(b"v")]));
    assert_eq!(batch.message(0).payload, before, "nothing was copied");
}

#[test]
fn the_next_batch_gets_as_much_room_as_the_last_one_used() {
    let account = account();
    let inputs: Vec<Input> = (0..100).map(|_| Input::plain(&[3; 100])).collect();
    let limits = Limits { messages: 100, bytes: 1 << 20 };
    let batch = batch(&account, &inputs);
    let room = batch.room(Room::default(), limits);
    assert!(room.bytes > batch.bytes().len() && room.bytes < 2 * batch.bytes().len());
    assert_eq!(room.messages, 100);
    let small = self::batch(&account, &inputs[..1]);
    let less = small.room(room, limits);
    assert!(less.bytes < room.bytes && less.bytes > room.bytes / 2, "little by little");
}
