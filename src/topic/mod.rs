//! Station 3 of 9: which partition, and onto its queue. Before: [`client`](crate::client). After:
//! [`broker`](crate::broker).
//!
//! This file finds and makes topics; its neighbours choose partitions, enqueue, and move partitions
//! between brokers.
#![forbid(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use crate::conf::settings::TopicSettings;
use crate::conf::{Marked, TopicConf};
use crate::error::{Error, ErrorCode};
use crate::handle::Handle;
use crate::log::context;
use crate::op::MainOp;
use crate::own::backref::BackRef;
use crate::own::msgq::Order;
use crate::own::topic::Topic;

pub(crate) mod migrate;
pub(crate) mod partition;
pub(crate) mod partitioner;
pub(crate) mod route;
pub(crate) mod unassigned;

/// Longest topic name, in bytes; history's limit, above Kafka's own 249.
const NAME_BYTES_MAX: usize = 512;

/// The topic of a name, if the instance knows it.
pub(crate) fn find(handle: &Handle, name: &CStr) -> Option<Arc<Topic>> {
    handle.topics.read().get(name).cloned()
}

/// The topic of a name; made with `conf` if the instance does not know it yet, and then queried.
/// The flag says whether it was made.
///
/// # Errors
/// `_INVALID_ARG` for a name that is too long or a configuration that contradicts the instance's.
pub(crate) fn find_or_create(
    handle: &Handle,
    owner: impl FnOnce() -> BackRef,
    name: &CStr,
    conf: Option<Box<Marked<TopicConf>>>,
) -> Result<(Arc<Topic>, bool), Error> {
    if name.to_bytes().len() > NAME_BYTES_MAX {
        return Err(Error::new(ErrorCode::_INVALID_ARG, "topic name too long"));
    }
    if let Some(known) = find(handle, name) {
        return Ok((known, false));
    }
    let (conf, origin) = finalized(handle, conf)?;
    let settings = TopicSettings::of(&conf, &handle.conf);
    let order = if settings.is_lifo { Order::Lifo } else { Order::Fifo };
    let topic = {
        let mut topics = handle.topics.write();
        if let Some(known) = topics.get(name) {
            return Ok((Arc::clone(known), false));
        }
        let account = Arc::clone(&handle.account);
        let topic = Topic::new(name.to_owned(), settings, order, account, owner(), handle.now());
        topics.insert(name.to_owned(), Arc::clone(&topic));
        topic
    };
    let made = format_args!("New local topic: {}", name.to_string_lossy());
    handle.log.debug(context::TOPIC, "TOPIC", "app", made);
    let title = format_args!("Topic \"{}\" configuration ({origin})", name.to_string_lossy());
    handle.log.configuration::<TopicConf>(title, &conf);
    handle.main.push(MainOp::QueryTopic(Arc::clone(&topic)));
    Ok((topic, true))
}

/// The configuration of a topic and where it came from: the given one, or the instance's default,
/// or the library's.
fn finalized(
    handle: &Handle,
    conf: Option<Box<Marked<TopicConf>>>,
) -> Result<(Box<Marked<TopicConf>>, &'static str), Error> {
    let (mut conf, origin) = match (conf, &handle.conf.default_topic_conf) {
        (Some(conf), _) => (conf, "user-supplied"),
        (None, Some(conf)) => (conf.clone(), "default_topic_conf"),
        (None, None) => (Marked::new(TopicConf::default()), "defaults"),
    };
    conf.finalize(&handle.conf).map_err(|text| Error::new(ErrorCode::_INVALID_ARG, text))?;
    Ok((conf, origin))
}
