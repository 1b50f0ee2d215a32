//! What a C harness needs beside `exports.rs` (feature `c-harness`): a broker whose thread it steps
//! itself, and partitions of it. Messages and answers are made as for the other engine.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use std::sync::Arc;

use super::{Stepped, stepped};
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::internal_codes::RD_KAFKA_PRODUCE_V2;
use crate::abi::public::{rd_kafka_t, rd_kafka_topic_t};
use crate::abi::rd::rd_ts_t;
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::broker::thread::BrokerThread;
use crate::conf;
use crate::engine::seam::ProducerEngine;
use crate::engine::v2::serve::Engine;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::broker::{Broker, BrokerSource, BrokerState};
use crate::own::mark::{self, Mark};
use crate::own::topic::{TopicHandle, weak};
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::proto::features::{ApiRange, ApiVersions};
use crate::sys::clock::Ts;
use crate::sys::fence::export;

/// The newest version of Fetch and FindCoordinator that a harness's broker offers: those decide on
/// message formats and codecs.
const FETCH_MAX: i16 = 16;
const FIND_COORDINATOR_MAX: i16 = 4;

export! {
    /// A broker without a thread and without a connection: it is up, and offers Produce up to
    /// version `produce_max`. Freed with `rd_kafka_harness_broker_destroy_v2`, before the instance.
    ///
    /// # Safety
    /// `rk` is a live producer.
    fn rd_kafka_harness_broker_new_v2(
        rk: *mut rd_kafka_t,
        nodeid: i32,
        produce_max: i16,
    ) -> *mut rd_kafka_broker_t {
        // SAFETY: the mark is an instance's first field; the caller's instance keeps its reference.
        let handle = unsafe {
            if !mark::is(rk, Mark::HANDLE) {
                return null_mut();
            }
            Arc::clone(&ManuallyDrop::new(Arc::from_raw(rk.cast::<Handle>().cast_const())))
        };
        if handle.conf.engine != conf::Engine::V2 {
            return null_mut();
        }
        let Ok(broker) = Broker::new(BrokerSource::Learned, nodeid, "harness", 9092) else {
            return null_mut();
        };
        broker.set_state(BrokerState::Up, handle.now());
        let engine = Engine::new(&handle, &broker);
        let mut thread = BrokerThread::new(handle, Arc::clone(&broker));
        let range = |api, max| ApiRange { api, min: 0, max };
        thread.versions = ApiVersions::new(vec![
            range(api::PRODUCE, produce_max),
            range(api::FETCH, FETCH_MAX),
            range(api::FIND_COORDINATOR, FIND_COORDINATOR_MAX),
        ]);
        let state = Box::into_raw(Box::new(Stepped { thread, engine }));
        broker.set_thread_state(state.cast::<c_void>());
        broker.as_c()
    }

    /// Frees a harness's broker: its requests are failed with `_DESTROY`.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new_v2`; it is not used again.
    fn rd_kafka_harness_broker_destroy_v2(rkb: *mut rd_kafka_broker_t) {
        // SAFETY: the caller's contract.
        let state = unsafe { Broker::thread_state(rkb, RD_KAFKA_PRODUCE_V2).cast::<Stepped>() };
        if state.is_null() {
            return;
        }
        // SAFETY: the state came from a box in `new`; with the last reference the broker goes.
        let mut stepped = unsafe { Box::from_raw(state) };
        let now = stepped.thread.handle.now();
        for mut queue in [
            std::mem::take(&mut stepped.thread.outbufs),
            std::mem::take(&mut stepped.thread.waitresps),
        ] {
            while let Some(request) = queue.pop_front() {
                request.finish(&mut stepped.thread, Err(ErrorCode::_DESTROY), now);
            }
        }
        let Stepped { thread, engine } = &mut *stepped;
        engine.end(thread, now);
    }

    /// A partition that a harness's broker serves. Freed with `rd_kafka_harness_toppar_destroy_v2`.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new_v2`; `rkt` is a live topic object of its
    /// instance.
    fn rd_kafka_harness_toppar_new_v2(
        rkb: *mut rd_kafka_broker_t,
        rkt: *mut rd_kafka_topic_t,
        partition: i32,
    ) -> *mut rd_kafka_toppar_t {
        // SAFETY: the caller's contract.
        let (stepped, topic) = unsafe { (stepped(rkb), TopicHandle::borrow(rkt)) };
        let (Some(Stepped { thread, engine }), Some(topic)) = (stepped, topic) else {
            return null_mut();
        };
        let store = (thread.handle.store.make)(&thread.handle.settings, topic.order);
        let toppar = Toppar::new(weak(topic), partition, store);
        toppar.lock().set_broker(Some(Arc::clone(&thread.broker)));
        let now = thread.handle.now();
        engine.partition_join(thread, &toppar, now);
        let as_c = toppar.as_c();
        std::mem::forget(toppar);
        as_c
    }

    /// Frees a harness's partition, with the messages on its queues.
    ///
    /// # Safety
    /// Both came from this file's functions; the partition is not used again.
    fn rd_kafka_harness_toppar_destroy_v2(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
    ) {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return };
        if !rktp.is_null() {
            // SAFETY: the reference that `new` forgot is given back.
            let toppar = unsafe { Arc::from_raw(rktp.cast::<Toppar>().cast_const()) };
            let now = thread.handle.now();
            drop(engine.partition_leave(thread, &toppar, now));
            toppar.lock().let_brokers_go();
        }
    }

    /// The broker's thread takes one turn of its engine; returns when it wants the next one.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new_v2`.
    fn rd_kafka_harness_serve_v2(rkb: *mut rd_kafka_broker_t, now: rd_ts_t) -> rd_ts_t {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return now };
        engine.serve(thread, Ts(now)).0
    }
}
