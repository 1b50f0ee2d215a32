//! What C code may call of this engine. Each function is the one that the engine itself runs
//! through; here are only its C name and prototype.
//!
//! They belong to a broker's thread. Those that need it find it behind the broker's historical end;
//! a broker whose thread runs by itself gives none, and the function answers that nothing was done.
//! A harness steps threads itself: see `exports/harness.rs`.

#[cfg(feature = "c-harness")]
mod harness;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

use super::calculator::{Calculator, Limits};
use super::collector::Triggers;
use super::context::{Context, Part, Terms};
use super::gate;
use super::idempotence::seq_wrap;
use super::request;
use super::serve::Engine;
use super::state;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::{rd_kafka_buf_produce_v2_t, rd_kafka_buf_t};
use crate::abi::internal_codes::RD_KAFKA_PRODUCE_V2;
use crate::abi::producer_v2::{
    rd_kafka_produce_calculator_t, rd_kafka_produce_ctx_t, rd_kafka_produce_req_toppar_t,
};
use crate::abi::public::{rd_kafka_resp_err_t, rd_kafka_t, rd_kafka_topic_t};
use crate::abi::rd::{rd_kafka_pid_t, rd_ts_t};
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::broker::Broker;
use crate::own::topic::TopicHandle;
use crate::own::toppar::Toppar;
use crate::proto::wire::Buffer;
use crate::sys::clock::Ts;
use crate::sys::fence::export;

/// A broker's thread that is stepped by C code, and its engine.
struct Stepped {
    thread: BrokerThread,
    engine: Engine,
}

impl Stepped {
    /// How long the oldest message may wait.
    fn linger_us(&self) -> i64 {
        let configured = self.thread.handle.settings.linger_us;
        self.engine.law.as_ref().map_or(configured, |(law, _)| law.linger_us)
    }
}

/// The thread of a broker of this engine, if C code steps it.
///
/// # Safety
/// `rkb` is NULL or a live broker, and no other call uses its thread.
unsafe fn stepped<'a>(rkb: *mut rd_kafka_broker_t) -> Option<&'a mut Stepped> {
    // SAFETY: the caller's contract; only `harness` sets the pointer, and that of this engine's
    // brokers leads to this.
    unsafe { Broker::thread_state(rkb, RD_KAFKA_PRODUCE_V2).cast::<Stepped>().as_mut() }
}

/// A request that C code puts together.
struct Assembly {
    rkb: *mut rd_kafka_broker_t,
    terms: Terms,
    /// Made with the first batch, which says which version it wants.
    context: Option<Context>,
}

/// The length of a request whose topics C code names.
struct Estimate {
    calculator: Calculator,
    topics: Vec<*mut rd_kafka_topic_t>,
}

fn count(number: i64) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

/// What waits of a wake-up time: 0 for never.
fn wakeup(until: Ts) -> rd_ts_t {
    if until == Ts::MAX { 0 } else { until.0 }
}

export! {
    /// The partition may have something new: it waits for a request from now on if it may send, and
    /// does not if it may not. False: the broker does not serve it.
    ///
    /// # Safety
    /// `rkb` and `rktp` are live; this is the broker's thread.
    fn rd_kafka_broker_batch_collector_add_v2(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
        now: rd_ts_t,
    ) -> bool {
        // SAFETY: the caller's contract.
        let (Some(stepped), Some(toppar)) = (unsafe { (stepped(rkb), Toppar::of_c(rktp)) }) else {
            return false;
        };
        let Some(at) = stepped.engine.slot_of(&toppar) else { return false };
        stepped.engine.look(&mut stepped.thread, at, Ts(now));
        true
    }

    /// The partition does not wait for a request any more.
    ///
    /// # Safety
    /// `rkb` and `rktp` are live; this is the broker's thread.
    fn rd_kafka_broker_batch_collector_del_v2(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
    ) {
        // SAFETY: the caller's contract.
        let (Some(stepped), Some(toppar)) = (unsafe { (stepped(rkb), Toppar::of_c(rktp)) }) else {
            return;
        };
        if let Some(at) = stepped.engine.slot_of(&toppar) {
            stepped.engine.collector.remove(at);
            state::end_wait(&toppar);
        }
    }

    /// Does something fire: a flush, a full batch, the oldest message's age? Then all that wait are
    /// in the round. Returns how many partitions are in the round.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_broker_batch_collector_maybe_send_v2(
        rkb: *mut rd_kafka_broker_t,
        now: rd_ts_t,
        flushing: bool,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return 0 };
        let triggers = Triggers {
            linger_us: stepped.linger_us(),
            has_bytes: stepped.engine.has_bytes(),
            is_flushing: flushing,
        };
        let collector = &mut stepped.engine.collector;
        let trigger = collector.collect(&triggers, Ts(now));
        let in_round = collector.round_len();
        state::tell_round(&stepped.thread, trigger, in_round);
        c_int::try_from(in_round).unwrap_or(c_int::MAX)
    }

    /// Makes requests of the round as long as the output queue has room. Returns how many messages
    /// are in them.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_broker_batch_collector_send_v2(
        rkb: *mut rd_kafka_broker_t,
        now: rd_ts_t,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return 0 };
        let mut messages = 0;
        while engine.collector.round_len() > 0
            && thread.outbufs.len() < thread.handle.settings.outbufs_max
            && engine.make_request(thread, Ts(now))
        {
            let made = thread.outbufs.iter().last().map_or(0, |request| request.message_count());
            messages += i64::from(made);
        }
        count(messages)
    }

    /// When the oldest message that waits has waited long enough; 0 if none waits.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_broker_batch_collector_next_wakeup_v2(rkb: *mut rd_kafka_broker_t) -> rd_ts_t {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return 0 };
        let linger_us = stepped.linger_us();
        wakeup(stepped.engine.collector.due(linger_us))
    }

    /// The length of a request without partitions yet. Freed with
    /// `rd_kafka_produce_calculator_destroy_v2`.
    ///
    /// # Safety
    /// `client_id` is NUL-terminated.
    fn rd_kafka_produce_calculator_init_v2(
        api_version: c_int,
        client_id: *const c_char,
        max_bytes: usize,
        max_partitions: c_int,
    ) -> *mut rd_kafka_produce_calculator_t {
        let version = i16::try_from(api_version).ok().filter(|version| (0..=10).contains(version));
        let (Some(version), false) = (version, client_id.is_null()) else { return null_mut() };
        // SAFETY: the caller's contract.
        let client_id = unsafe { CStr::from_ptr(client_id) }.to_string_lossy();
        let limits = Limits {
            bytes_max: max_bytes,
            partitions_max: usize::try_from(max_partitions).unwrap_or(0),
        };
        let calculator = Calculator::new(version, &client_id, limits);
        Box::into_raw(Box::new(Estimate { calculator, topics: Vec::new() })).cast()
    }

    /// Takes in a partition of a topic with so many bytes of records, if it fits; the first always
    /// does.
    ///
    /// # Safety
    /// `rkpca` came from `rd_kafka_produce_calculator_init_v2`; `rkt` is a live topic object.
    fn rd_kafka_produce_calculator_add_v2(
        rkpca: *mut rd_kafka_produce_calculator_t,
        rkt: *mut rd_kafka_topic_t,
        records_len: usize,
    ) -> bool {
        // SAFETY: the caller's contract.
        let both = unsafe { (rkpca.cast::<Estimate>().as_mut(), TopicHandle::borrow(rkt)) };
        let (Some(estimate), Some(topic)) = both else { return false };
        let known = estimate.topics.iter().position(|other| *other == rkt);
        let at = known.unwrap_or(estimate.topics.len());
        let fits = estimate.calculator.add(at, topic.name().to_bytes(), records_len);
        if fits && known.is_none() {
            estimate.topics.push(rkt);
        }
        fits
    }

    /// Bytes of the request with what it took in.
    ///
    /// # Safety
    /// `rkpca` came from `rd_kafka_produce_calculator_init_v2`.
    fn rd_kafka_produce_calculator_size_v2(
        rkpca: *const rd_kafka_produce_calculator_t,
    ) -> usize {
        // SAFETY: the caller's contract.
        unsafe { rkpca.cast::<Estimate>().as_ref() }.map_or(0, |it| it.calculator.len())
    }

    /// Frees it; NULL is allowed.
    ///
    /// # Safety
    /// `rkpca` came from `rd_kafka_produce_calculator_init_v2`, and is not used again.
    fn rd_kafka_produce_calculator_destroy_v2(rkpca: *mut rd_kafka_produce_calculator_t) {
        if !rkpca.is_null() {
            // SAFETY: the caller's contract.
            drop(unsafe { Box::from_raw(rkpca.cast::<Estimate>()) });
        }
    }

    /// A request without batches, for partitions of topics whose acks and timeout are those of
    /// `rkt`. Ended with `rd_kafka_produce_ctx_finalize_v2`. NULL if nobody steps the broker.
    ///
    /// # Safety
    /// `rkb` and `rkt` are live; this is the broker's thread.
    fn rd_kafka_produce_ctx_init_v2(
        rkb: *mut rd_kafka_broker_t,
        rkt: *mut rd_kafka_topic_t,
    ) -> *mut rd_kafka_produce_ctx_t {
        // SAFETY: the caller's contract.
        let (stepped, topic) = unsafe { (stepped(rkb), TopicHandle::borrow(rkt)) };
        let (Some(_), Some(topic)) = (stepped, topic) else { return null_mut() };
        let assembly = Assembly { rkb, terms: Terms::of(topic), context: None };
        Box::into_raw(Box::new(assembly)).cast()
    }

    /// Seals the partition's next batch and takes it into the request. Returns how many messages it
    /// has; 0 if the partition may not send or has nothing, and if the batch does not fit or does
    /// not go with the others: then it is the partition's next one.
    ///
    /// # Safety
    /// * `rkpc` came from `rd_kafka_produce_ctx_init_v2`; this is its broker's thread.
    /// * `rktp` is live.
    fn rd_kafka_produce_ctx_append_toppar_v2(
        rkpc: *mut rd_kafka_produce_ctx_t,
        rktp: *mut rd_kafka_toppar_t,
        now: rd_ts_t,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let both = unsafe { (rkpc.cast::<Assembly>().as_mut(), Toppar::of_c(rktp)) };
        let (Some(assembly), Some(toppar)) = both else { return 0 };
        // SAFETY: as above.
        let Some(stepped) = (unsafe { stepped(assembly.rkb) }) else { return 0 };
        append(stepped, assembly, &toppar, Ts(now))
    }

    /// Writes the request and puts it into the output queue. Returns how many messages it has; an
    /// empty one is dropped. `rkpc` is not valid afterwards.
    ///
    /// # Safety
    /// `rkpc` came from `rd_kafka_produce_ctx_init_v2`; this is the broker's thread.
    fn rd_kafka_produce_ctx_finalize_v2(
        rkpc: *mut rd_kafka_produce_ctx_t,
        now: rd_ts_t,
    ) -> c_int {
        if rkpc.is_null() {
            return 0;
        }
        // SAFETY: the caller's contract.
        let Assembly { rkb, context, .. } = *unsafe { Box::from_raw(rkpc.cast::<Assembly>()) };
        // SAFETY: as above.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return 0 };
        let Some(context) = context.filter(|context| !context.is_empty()) else { return 0 };
        let round_trips = stepped.engine.law.as_ref().map(|(_, trips)| Arc::clone(trips));
        request::send(&mut stepped.thread, context, round_trips, Ts(now));
        let made = stepped.thread.outbufs.iter().last();
        made.map_or(0, |request| request.message_count())
    }

    /// What the request knows of one of its batches. False if there is none.
    ///
    /// # Safety
    /// `rkbuf` is NULL or a live request in a broker's queue; `to` is writable.
    fn rd_kafka_produce_req_toppar_v2(
        rkbuf: *const rd_kafka_buf_t,
        index: usize,
        to: *mut rd_kafka_produce_req_toppar_t,
    ) -> bool {
        // SAFETY: the caller's contract; a request with this engine's tag carries its batches.
        unsafe {
            let is_ours = !rkbuf.is_null() && (*rkbuf).rkbuf_produce_engine == RD_KAFKA_PRODUCE_V2;
            if !is_ours || to.is_null() {
                return false;
            }
            let slots = (&raw const (*rkbuf).rkbuf_u.ProduceV2).cast::<rd_kafka_buf_produce_v2_t>();
            let (parts, len) = ((*slots).slots.cast::<Part>(), (*slots).slot_cnt);
            if index >= len {
                return false;
            }
            to.write(shown(&*parts.add(index)));
        }
        true
    }

    /// Gives the request its answer, or (`err`) the reason why there is none: each of its batches
    /// is settled, and the request is freed. `reply` stays the caller's; `rk` and `opaque` are not
    /// used. Nothing happens unless the request is in the broker's output queue.
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `reply` is NULL or live.
    fn rd_kafka_handle_Produce_v2(
        rk: *mut rd_kafka_t,
        rkb: *mut rd_kafka_broker_t,
        err: rd_kafka_resp_err_t,
        reply: *mut rd_kafka_buf_t,
        request: *mut rd_kafka_buf_t,
        opaque: *mut c_void,
    ) {
        let _ = (rk, opaque);
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, .. }) = (unsafe { stepped(rkb) }) else { return };
        // SAFETY: as above; the reply is only read, and not dropped here.
        let reply = NonNull::new(reply)
            .map(|raw| ManuallyDrop::new(unsafe { Request::from_raw(raw) }));
        let body = reply.map(|mut reply| reply.bytes().tail(0).into_owned());
        let mut taken = thread.outbufs.take_where(|queued| queued.as_c() == request.cast_const());
        let Some(mut request) = taken.pop_front() else { return };
        let now = thread.handle.now();
        if body.is_some() {
            // Who answers has read all of it.
            request.advance(request.len() - request.written(), now);
        }
        let result = match err {
            0 => Ok(body.as_deref().unwrap_or_default()),
            code => Err(ErrorCode(code)),
        };
        request.finish(thread, result, now);
    }

    /// A Produce request was answered after so many microseconds. Nothing happens unless adaptive
    /// batching is on; the same holds below.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_adaptive_record_rtt_v2(
        rkb: *mut rd_kafka_broker_t,
        rtt: rd_ts_t,
        now: rd_ts_t,
    ) {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return };
        if let Some((law, _)) = &mut engine.law {
            law.answered(rtt, Ts(now));
            state::show_adaptive(&thread.broker, law);
        }
    }

    /// A request was made whose oldest message had waited so many microseconds.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_adaptive_record_int_latency_v2(rkb: *mut rd_kafka_broker_t, latency: rd_ts_t) {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return };
        if let Some((law, _)) = &mut engine.law {
            law.sent(latency);
            state::show_adaptive(&thread.broker, law);
        }
    }

    /// Adjusts both limits, not more often than configured. True if they may have changed.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_adaptive_adjust_v2(rkb: *mut rd_kafka_broker_t, now: rd_ts_t) -> bool {
        // SAFETY: the caller's contract.
        let Some(Stepped { thread, engine }) = (unsafe { stepped(rkb) }) else { return false };
        let Some((law, _)) = &mut engine.law else { return false };
        let may_have_changed = law.adjust(Ts(now));
        state::show_adaptive(&thread.broker, law);
        may_have_changed
    }

    /// How long the oldest message may wait, in microseconds.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_adaptive_get_linger_us_v2(rkb: *mut rd_kafka_broker_t) -> rd_ts_t {
        // SAFETY: the caller's contract.
        unsafe { stepped(rkb) }.map_or(0, |stepped| stepped.linger_us())
    }

    /// How many bytes are enough for a request; 0 if adaptive batching is off.
    ///
    /// # Safety
    /// `rkb` is live; this is the broker's thread.
    fn rd_kafka_adaptive_get_batch_max_bytes_v2(rkb: *mut rd_kafka_broker_t) -> i64 {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return 0 };
        stepped.engine.law.as_ref().map_or(0, |(law, _)| law.bytes)
    }
}

fn append(stepped: &mut Stepped, assembly: &mut Assembly, toppar: &Arc<Toppar>, now: Ts) -> c_int {
    let Stepped { thread, engine } = stepped;
    let topic = toppar.topic();
    let Some(at) = engine.slot_of(toppar) else { return 0 };
    if Terms::of(&topic) != assembly.terms {
        return 0;
    }
    let Some((sealed, version)) = engine.seal(thread, at, toppar, &topic, now) else { return 0 };
    let context = assembly.context.get_or_insert_with(|| {
        Context::new(version, assembly.terms, &thread.handle.settings.client_id, engine.limits)
    });
    let messages = sealed.count();
    match context.add(&topic, Part { toppar: Arc::clone(toppar), sealed }) {
        None => messages,
        Some(part) => {
            gate::ground(thread, part, now);
            0
        }
    }
}

/// A batch of a request, for C code.
fn shown(part: &Part) -> rd_kafka_produce_req_toppar_t {
    let stamp = part.sealed.stamp;
    let after = |messages: i32| match stamp.pid.is_valid() {
        true => seq_wrap(i64::from(stamp.first_seq) + i64::from(messages)),
        false => -1,
    };
    rd_kafka_produce_req_toppar_t {
        rkprt_assigned: 1,
        rkprt_crc: 0,
        rkprt_s_rktp: part.toppar.as_c(),
        rkprt_msg_cnt: part.sealed.count(),
        rkprt_produce_base_offset: 0,
        rkprt_produce_errorcode: 0,
        rkprt_log_append_time: 0,
        rkprt_recv: 0,
        rkprt_errstr: null_mut(),
        rkprt_record_errors: null_mut(),
        rkprt_record_errors_cnt: 0,
        rkprt_pid: rd_kafka_pid_t { id: stamp.pid.id, epoch: stamp.pid.epoch },
        rkprt_base_msgid: part.sealed.first_id(),
        rkprt_base_seq: stamp.first_seq,
        rkprt_last_seq: after(part.sealed.count() - 1),
        rkprt_next_seq: after(part.sealed.count()),
        rkprt_base_rkm: null_mut(),
    }
}
