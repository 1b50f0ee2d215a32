//! The order of shutdown, in one function.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::callback;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::MainOp;
use crate::sys::thread::Thread;

/// Ends an instance: threads are joined, queued messages are dropped without report, queues and
/// topics are given back.
/// `false`: the calling thread is one of the instance's own, which cannot wait for itself, or runs
/// one of its callbacks.
pub(crate) fn close(handle: &Arc<Handle>) -> bool {
    let is_own_thread = handle.threads.lock().iter().any(|thread| thread.is_current())
        || handle.main_thread.lock().as_ref().is_some_and(|thread| thread.is_current());
    if is_own_thread {
        let text = "Application bug: rd_kafka_destroy() called from library owned thread";
        handle.log.log(level::EMERG, "BGQUEUE", "background", text);
        return false;
    }
    if callback::runs_for(handle.address()) {
        let text = "Application bug: rd_kafka_destroy() called from a callback of the instance";
        handle.log.log(level::CRIT, "DESTROY", "app", text);
        return false;
    }
    let (count, bytes) = (handle.account.messages(), handle.account.bytes());
    if count > 0 {
        let plural = |n: i64| if n == 1 { "" } else { "s" };
        let text = format!(
            "Producer terminating with {count} message{} ({bytes} byte{}) still in queue or \
             transit: use flush() to wait for outstanding message delivery",
            plural(count),
            plural(bytes)
        );
        handle.log.log(level::WARNING, "TERMINATE", "app", text);
    }
    stop(handle);
    true
}

/// Stops the threads and breaks the circles of references.
pub(crate) fn stop(handle: &Arc<Handle>) {
    super::fatal::unwatch(handle);
    let text = format_args!("Terminating instance");
    handle.log.debug(context::GENERIC, "DESTROY", "app", text);
    handle.set_terminating();
    handle.reply_queue.disable();
    if let Some(queue) = &handle.security.queue {
        queue.disable();
    }
    if let Some(provider) = &handle.security.provider {
        provider.stop();
    }
    handle.cluster_changed.notify_all();
    handle.main.push(MainOp::Terminate);
    // The main thread starts broker threads: once it has ended the list of brokers is final.
    let main_thread = handle.main_thread.lock().take();
    end_thread(handle, main_thread);
    let brokers = {
        let brokers = handle.brokers.read();
        let mut all = brokers.all.clone();
        all.push(Arc::clone(&brokers.internal));
        all
    };
    for broker in &brokers {
        broker.terminate();
    }
    handle.background_queue.wake_here();
    loop {
        let thread = handle.threads.lock().pop();
        if thread.is_none() {
            break;
        }
        end_thread(handle, thread);
    }
    handle.background_queue.disable();
    let topics: Vec<_> = handle.topics.write().drain().map(|(_, topic)| topic).collect();
    for topic in &topics {
        topic.clear_owner();
        drop(topic.unassigned().take());
        for toppar in &topic.table().partitions {
            let mut dropped = crate::own::lot::Lot::default();
            let mut shared = toppar.lock();
            shared.drain(&mut dropped);
            shared.let_brokers_go();
        }
    }
    handle.brokers.write().all.clear();
    // Ending the cluster joins its thread: not under our lock.
    let mock = handle.mock.lock().take();
    if handle.is_forked() {
        // Its thread does not exist here.
        std::mem::forget(mock);
    }
}

fn end_thread(handle: &Handle, thread: Option<Thread>) {
    match thread {
        Some(thread) if handle.is_forked() => thread.forget(),
        Some(thread) => thread.join(),
        None => {}
    }
}
