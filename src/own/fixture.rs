//! For tests: a topic without an instance, and messages of it.
#![forbid(unsafe_code)]

use std::any::Any;
use std::sync::Arc;

use super::account::Account;
use super::arena::{Batch, Limits, Open, Room};
use super::backref::BackRef;
use super::msg::{Msg, NewMessage, Value};
use super::msgq::{MsgQueue, Order};
use super::store::{Enqueued, PartitionStore};
use super::topic::Topic;
use super::toppar::Toppar;
use crate::conf::settings::TopicSettings;
use crate::conf::{Conf, TopicConf};
use crate::sys::clock::Ts;

/// The topic `t`; its account has no limits that a test reaches.
pub(crate) fn topic(order: Order) -> Arc<Topic> {
    let settings = TopicSettings::of(&TopicConf::default(), &Conf::default());
    let account = Arc::new(Account::new(0, i64::MAX));
    Topic::new(c"t".to_owned(), settings, order, account, BackRef::cleared::<()>(), Ts::ZERO)
}

/// A message without a number, with `len` value bytes, that expires at `expires`.
pub(crate) fn message(topic: &Topic, len: usize, expires: Ts) -> Msg {
    message_at(topic, len, Ts::ZERO, expires)
}

/// The same, produced at `now`.
pub(crate) fn message_at(topic: &Topic, len: usize, now: Ts, expires: Ts) -> Msg {
    assert!(topic.account.try_admit(len), "room");
    let value = vec![b'v'; len];
    let new = NewMessage {
        partition: -1,
        value: Value::Copy(&value),
        key: None,
        headers: None,
        timestamp_ms: 1,
        opaque: std::ptr::null_mut(),
        now,
        expires,
    };
    Msg::new(topic, new)
}

/// Keeps objects in the produce queue.
struct Objects;

impl PartitionStore for Objects {
    fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued {
        queue.push_back(message);
        Enqueued::Quiet
    }

    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
        queue.append(messages);
        Enqueued::Quiet
    }

    fn forget_signals(&mut self, _: &mut MsgQueue) -> Enqueued {
        Enqueued::Quiet
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// A partition of a topic, which no engine serves.
pub(crate) fn toppar(topic: &Arc<Topic>, partition: i32) -> Arc<Toppar> {
    Toppar::new(Arc::downgrade(topic), partition, Box::new(Objects))
}

/// A batch of numbered messages; at least one.
pub(crate) fn batch(messages: impl IntoIterator<Item = Msg>) -> Batch {
    let mut open = None;
    for message in messages {
        let id = message.id();
        let account = Arc::clone(&message.topic().expect("it has a topic").account);
        NewMessage::of_object(message, |new| {
            let open = open.get_or_insert_with(|| Open::new(&account, new, id, Room::default()));
            assert!(open.push(new, id, Limits { messages: usize::MAX, bytes: usize::MAX }));
        });
    }
    open.expect("a message").close()
}

/// Numbers and lengths of a queue's messages.
pub(crate) fn contents(queue: &MsgQueue) -> Vec<(u64, usize)> {
    queue.iter().map(|message| (message.id(), message.queued_len())).collect()
}
