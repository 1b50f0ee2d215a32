//! `Reported`: a batch on its way to the application, which sees one message of it after the other.
//!
//! Who owns: the report owns the batch and the messages that it made of it. Who frees: with
//! [`Reported::end`] a message ends at once; those that were kept end with the report. Messages
//! point into the batch's records, which live as long as the report.

use std::sync::Arc;

use super::arena::Batch;
use super::msg::{MsgFields, OFFSET_INVALID, Status, UNLINKED};
use super::topic::Topic;
use super::toppar::Toppar;
use crate::abi::msg::*;
use crate::abi::public::rd_kafka_message_t;
use crate::error::ErrorCode;
use crate::sys::heap;

/// What is known of a batch, for all its messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The error.
    pub(crate) error: ErrorCode,
    /// Are they in the log?
    pub(crate) status: Status,
    /// Node id of the broker that gave the final result; -1 if none did.
    pub(crate) broker_id: i32,
    /// Offset of the first message. Quirk: offsets count up from -1 and -1001 too, but only if a
    /// broker gave them.
    pub(crate) offset: Option<i64>,
    /// When the log appended them, milliseconds since the epoch; -1 if messages keep their time.
    pub(crate) append_time_ms: i64,
}

impl Known {
    /// What is known of messages that no broker answered for.
    pub(crate) fn local(error: ErrorCode, status: Status) -> Self {
        Self { error, status, broker_id: -1, offset: None, append_time_ms: -1 }
    }
}

/// What a broker said of one message of a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remark {
    /// Its own error, if any.
    pub(crate) error: Option<ErrorCode>,
    /// A text.
    pub(crate) text: Option<Vec<u8>>,
}

/// What a broker said beside the facts.
#[derive(Clone, Debug)]
pub(crate) enum Remarks {
    /// Nothing.
    None,
    /// The same text for all.
    Text(Vec<u8>),
    /// Something for each.
    Each(Vec<Remark>),
}

/// A message as the application sees it, made of a slot and a record.
#[repr(transparent)]
struct Filled(MsgFields);

impl Filled {
    /// Makes a blank message, or one that ended, the next one of the batch.
    #[inline]
    fn fill(&mut self, batch: &Batch, at: usize, known: &Known, remarks: &Remarks) {
        let kept = batch.message(at);
        let message = &mut self.0;
        let fields = &mut message.0;
        // The application may have written there.
        fields.rkm_rkmessage.err = known.error.0;
        fields.rkm_rkmessage.payload = kept.payload.cast();
        fields.rkm_rkmessage.len = kept.len;
        let (key, key_len) =
            kept.key.map_or((std::ptr::null(), 0), |key| (key.as_ptr(), key.len()));
        fields.rkm_rkmessage.key = key.cast_mut().cast();
        fields.rkm_rkmessage.key_len = key_len;
        if let Some(first) = known.offset {
            fields.rkm_rkmessage.offset = first.wrapping_add_unsigned(at as u64);
        }
        fields.rkm_rkmessage._private = kept.opaque;
        fields.rkm_timestamp = kept.timestamp_ms;
        fields.rkm_u.producer.ts_enq = kept.enqueued.0;
        if known.append_time_ms != -1 {
            message.set_log_append_time(known.append_time_ms);
        }
        // SAFETY: the record is the report's, and messages go before the batch.
        unsafe { message.set_raw_headers(&kept.headers) };
        match remarks {
            Remarks::None => {}
            Remarks::Text(text) => message.set_error_text(text),
            Remarks::Each(remarks) => remark(message, remarks.get(at)),
        }
    }

    /// What the message owned ends.
    #[inline]
    fn clear(&mut self) {
        self.0.drop_headers();
        let text = std::mem::replace(&mut self.0.0.rkm_u.producer.errstr, std::ptr::null());
        if !text.is_null() {
            // SAFETY: the text was made by `set_error_text`, and was just taken out of its only
            // place.
            unsafe { heap::free(text.cast_mut()) };
        }
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A batch that is reported.
pub(crate) struct Reported {
    /// The message that is shown. It goes before what it points to.
    one: Option<Filled>,
    /// Messages that were kept. They go before what they point to, and never move.
    made: Vec<Filled>,
    /// So many were shown.
    shown: usize,
    batch: Batch,
    topic: Arc<Topic>,
    partition: i32,
    known: Known,
    remarks: Remarks,
}

// SAFETY: the messages point to what the report owns, and to values that the application promised
// to leave alone until it has seen them.
unsafe impl Send for Reported {}

impl Reported {
    /// A report of all messages of a batch.
    pub(crate) fn new(batch: Batch, toppar: &Toppar, known: Known, remarks: Remarks) -> Self {
        let (topic, partition) = (toppar.topic(), toppar.partition());
        Self { one: None, made: Vec::new(), shown: 0, batch, topic, partition, known, remarks }
    }

    /// How many messages were not shown yet.
    pub(crate) fn left(&self) -> usize {
        self.batch.total() - self.shown
    }

    /// The batch's error.
    pub(crate) fn error(&self) -> ErrorCode {
        self.known.error
    }

    /// The next message; it lasts until [`Reported::end`].
    #[inline]
    pub(crate) fn show(&mut self) -> Option<&mut MsgFields> {
        if self.left() == 0 {
            return None;
        }
        if self.one.is_none() {
            self.one = Some(self.blank());
        }
        let message = self.one.as_mut()?;
        message.fill(&self.batch, self.shown, &self.known, &self.remarks);
        self.shown += 1;
        Some(&mut message.0)
    }

    /// The next message; it lasts as long as the report.
    pub(crate) fn keep(&mut self) -> Option<&mut MsgFields> {
        let left = self.left();
        if left == 0 {
            return None;
        }
        if self.made.is_empty() {
            self.made.reserve_exact(left);
        }
        debug_assert!(self.made.len() < self.made.capacity(), "messages never move");
        let mut message = self.blank();
        message.fill(&self.batch, self.shown, &self.known, &self.remarks);
        self.shown += 1;
        self.made.push(message);
        self.made.last_mut().map(|message| &mut message.0)
    }

    /// The message that was shown last ended; its value's bytes are to be given back to the
    /// account.
    #[inline]
    pub(crate) fn end(&mut self) -> i64 {
        let Some(message) = self.one.as_mut() else { return 0 };
        message.clear();
        let len = message.0.0.rkm_rkmessage.len;
        self.batch.end(len);
        i64::try_from(len).unwrap_or(i64::MAX)
    }

    /// What all messages of the batch have in common.
    fn blank(&self) -> Filled {
        let known = &self.known;
        Filled(MsgFields(rd_kafka_msg_t {
            rkm_rkmessage: rd_kafka_message_t {
                err: known.error.0,
                rkt: self.topic.as_c().cast_mut(),
                partition: self.partition,
                payload: std::ptr::null_mut(),
                len: 0,
                key: std::ptr::null_mut(),
                key_len: 0,
                offset: OFFSET_INVALID,
                _private: std::ptr::null_mut(),
            },
            rkm_link: UNLINKED,
            rkm_flags: MSG_F_PRODUCER,
            rkm_tstype: 1,
            rkm_timestamp: 0,
            rkm_headers: std::ptr::null_mut(),
            rkm_status: known.status as i32,
            rkm_broker_id: known.broker_id,
            rkm_u: rd_kafka_msg_u_t {
                producer: rd_kafka_msg_producer_t {
                    ts_timeout: 0,
                    ts_enq: 0,
                    ts_backoff: 0,
                    msgid: 0,
                    last_msgid: 0,
                    retries: 0,
                    errstr: std::ptr::null(),
                },
            },
        }))
    }
}

fn remark(message: &mut MsgFields, remark: Option<&Remark>) {
    let Some(remark) = remark else { return };
    if let Some(error) = remark.error {
        message.set_error(error);
    }
    if let Some(text) = &remark.text {
        message.set_error_text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{batch, topic, toppar};
    use super::super::headers::Headers;
    use super::super::msg::{Msg, NewMessage, Value};
    use super::super::msgq::Order;
    use super::*;
    use crate::sys::clock::Ts;

    const KNOWN: Known = Known {
        error: ErrorCode::NO_ERROR,
        status: Status::Persisted,
        broker_id: 5,
        offset: Some(70),
        append_time_ms: -1,
    };

    /// A report of `count` messages of partition 3; each has its number as value, key and opaque.
    fn reported(topic: &Arc<Topic>, count: usize, known: Known, remarks: Remarks) -> Reported {
        let message = |number: usize| {
            assert!(topic.account.try_admit(1), "room");
            let bytes = [number as u8];
            let headers = (number % 2 == 1).then(|| {
                let mut headers = Box::new(Headers::new());
                headers.add(b"name", Some(&bytes));
                headers
            });
            let mut message = Msg::new(
                topic,
                NewMessage {
                    partition: -1,
                    value: Value::Copy(&bytes),
                    key: Some(&bytes),
                    headers,
                    timestamp_ms: 1000 - number as i64,
                    opaque: std::ptr::without_provenance_mut(number),
                    now: Ts(50),
                    expires: Ts::MAX,
                },
            );
            message.set_id(1 + number as u64);
            message
        };
        Reported::new(batch((0..count).map(message)), &toppar(topic, 3), known, remarks)
    }

    fn check(message: &mut MsgFields, number: usize) {
        let bytes = [number as u8];
        assert_eq!((message.value(), message.key()), (Some(&bytes[..]), Some(&bytes[..])));
        assert_eq!((message.opaque().addr(), message.partition()), (number, 3));
        assert_eq!((message.offset(), message.broker_id()), (70 + number as i64, 5));
        assert_eq!((message.status(), message.enqueued()), (2, Ts(50)));
        assert_eq!((message.timestamp_kind(), message.timestamp_ms()), (1, 1000 - number as i64));
        let headers = message.headers_as_c();
        assert_eq!(headers.is_null(), number.is_multiple_of(2));
        assert_eq!(headers, message.headers_as_c(), "they are made once");
        let named = message.take_headers().map(|it| it.last(b"name").flatten().map(<[u8]>::to_vec));
        assert_eq!(named, (number % 2 == 1).then(|| Some(bytes.to_vec())));
        assert!(message.headers_as_c().is_null(), "they were taken");
    }

    #[test]
    fn messages_are_shown_one_by_one_and_given_back_when_they_end() {
        let topic = topic(Order::Fifo);
        let mut report = reported(&topic, 4, KNOWN, Remarks::None);
        for number in 0..3 {
            check(report.show().expect("four"), number);
            assert_eq!((report.end(), report.left()), (1, 3 - number));
        }
        assert_eq!(topic.account.messages(), 4, "whoever ended them gives them back");
        drop(report);
        assert_eq!((topic.account.messages(), topic.account.bytes()), (3, 3));
        topic.account.release(3, 3);
    }

    #[test]
    fn kept_messages_stay_where_they_are_as_long_as_the_report() {
        let topic = topic(Order::Fifo);
        let mut report = reported(&topic, 5, KNOWN, Remarks::None);
        let places: Vec<_> = (0..5)
            .map(|number| {
                let message = report.keep().expect("five");
                message.set_error(ErrorCode(number));
                message.as_public()
            })
            .collect();
        assert!(report.keep().is_none() && report.left() == 0);
        for (number, place) in places.iter().enumerate() {
            // SAFETY: the report is alive, and nobody else uses the message.
            let message = unsafe { MsgFields::from_public(*place) }.expect("a message");
            assert_eq!(message.error(), ErrorCode(number as i32));
            check(message, number);
        }
        drop(report);
        assert_eq!((topic.account.messages(), topic.account.bytes()), (0, 0));
    }

    #[test]
    fn a_report_may_end_with_messages_that_nobody_saw_or_asked_headers_of() {
        let topic = topic(Order::Fifo);
        let mut report = reported(&topic, 4, KNOWN, Remarks::Text(b"why".to_vec()));
        for _ in 0..2 {
            let message = report.keep().expect("four");
            // SAFETY: the text lives as long as the message.
            let text = unsafe { std::ffi::CStr::from_ptr(message.error_text()) };
            assert_eq!(text, c"why");
        }
        drop(report);
        assert_eq!(topic.account.messages(), 0);
    }

    #[test]
    fn the_log_may_stamp_messages_and_brokers_may_blame_some() {
        let topic = topic(Order::Fifo);
        let known = Known { error: ErrorCode::INVALID_RECORD, append_time_ms: 9, ..KNOWN };
        let other = ErrorCode::_INVALID_DIFFERENT_RECORD;
        let remarks = vec![
            Remark { error: Some(other), text: Some(b"others".to_vec()) },
            Remark { error: None, text: Some(b"it".to_vec()) },
            Remark::default(),
        ];
        let mut report = reported(&topic, 3, known, Remarks::Each(remarks));
        let mut seen = Vec::new();
        while let Some(message) = report.show() {
            let text = message.error_text();
            // SAFETY: the text lives as long as the message.
            let text = (!text.is_null()).then(|| unsafe { std::ffi::CStr::from_ptr(text) });
            seen.push((message.error(), text.map(std::ffi::CStr::to_owned)));
            assert_eq!((message.timestamp_kind(), message.timestamp_ms()), (2, 9));
            topic.account.release(1, report.end());
        }
        let own = ErrorCode::INVALID_RECORD;
        let expected =
            [(other, Some(c"others".to_owned())), (own, Some(c"it".to_owned())), (own, None)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn messages_that_no_broker_answered_for_have_no_place() {
        let topic = topic(Order::Fifo);
        let known = Known::local(ErrorCode::_PURGE_QUEUE, Status::NotPersisted);
        let mut report = reported(&topic, 2, known, Remarks::None);
        let message = report.keep().expect("two");
        assert_eq!((message.offset(), message.broker_id()), (OFFSET_INVALID, -1));
        assert_eq!((message.status(), report.error()), (0, ErrorCode::_PURGE_QUEUE));
    }
}
