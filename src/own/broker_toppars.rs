//! The partitions of a broker, as C code finds them: `rkb_toppars` and the ring of those that are
//! served, `rkb_active_toppars`.
//!
//! The lists own nothing: a partition enters when its broker takes it and leaves when the broker
//! lets go, at the latest when it is dropped. Both happen under the broker's lock.

use super::broker::Broker;
use super::toppar::Toppar;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::sys::lock::{Mtx, MtxGuard, Rank};

impl Broker {
    fn lock_toppars(&self) -> MtxGuard<'_> {
        // SAFETY: the lock is initialised and at its place.
        unsafe { Mtx::at(&raw const (*self.as_c()).rkb_lock) }.lock(Rank::Leaf)
    }

    /// Puts a partition at the end of both lists.
    ///
    /// # Safety
    /// `toppar` is alive, in no broker's lists, and calls [`Broker::release`] before it goes.
    pub(super) unsafe fn adopt(&self, toppar: *mut rd_kafka_toppar_t) {
        let rkb = self.as_c();
        let _held = self.lock_toppars();
        // SAFETY: the lists belong to the lock that is held, and all that is in them is alive. A
        // ring ends at its head, wherever it points.
        unsafe {
            let head = &raw mut (*rkb).rkb_toppars;
            (*toppar).rktp_rkblink.tqe_next = std::ptr::null_mut();
            (*toppar).rktp_rkblink.tqe_prev = (*head).tqh_last;
            *(*head).tqh_last = toppar;
            (*head).tqh_last = &raw mut (*toppar).rktp_rkblink.tqe_next;
            (*rkb).rkb_toppar_cnt += 1;

            let ring = &raw mut (*rkb).rkb_active_toppars;
            let last = (*ring).cqh_last;
            (*toppar).rktp_activelink.cqe_next = ring.cast();
            (*toppar).rktp_activelink.cqe_prev = last;
            if last == ring.cast() {
                (*ring).cqh_first = toppar;
            } else {
                (*last).rktp_activelink.cqe_next = toppar;
            }
            (*ring).cqh_last = toppar;
            (*rkb).rkb_active_toppar_cnt += 1;
            if (*rkb).rkb_active_toppar_next.is_null() {
                (*rkb).rkb_active_toppar_next = toppar;
            }
        }
        self.count_references(1);
        self.ops_shown().count_references(1);
    }

    /// Takes a partition out of both lists.
    ///
    /// # Safety
    /// `toppar` is in the lists of this broker.
    pub(super) unsafe fn release(&self, toppar: *mut rd_kafka_toppar_t) {
        let rkb = self.as_c();
        let _held = self.lock_toppars();
        // SAFETY: as in `adopt`.
        unsafe {
            let link = &raw mut (*toppar).rktp_rkblink;
            if (*link).tqe_next.is_null() {
                (*rkb).rkb_toppars.tqh_last = (*link).tqe_prev;
            } else {
                (*(*link).tqe_next).rktp_rkblink.tqe_prev = (*link).tqe_prev;
            }
            *(*link).tqe_prev = (*link).tqe_next;
            (*rkb).rkb_toppar_cnt -= 1;

            if (*rkb).rkb_active_toppar_next == toppar {
                let next = behind(rkb, toppar);
                let is_alone = next == toppar;
                (*rkb).rkb_active_toppar_next = if is_alone { std::ptr::null_mut() } else { next };
            }
            let ring = &raw mut (*rkb).rkb_active_toppars;
            let (next, prev) =
                ((*toppar).rktp_activelink.cqe_next, (*toppar).rktp_activelink.cqe_prev);
            if next == ring.cast() {
                (*ring).cqh_last = prev;
            } else {
                (*next).rktp_activelink.cqe_prev = prev;
            }
            if prev == ring.cast() {
                (*ring).cqh_first = next;
            } else {
                (*prev).rktp_activelink.cqe_next = next;
            }
            (*rkb).rkb_active_toppar_cnt -= 1;
        }
        self.count_references(-1);
        self.ops_shown().count_references(-1);
    }

    /// A partition got its request: the one behind it is served first in the next turn, for all
    /// that the ring says.
    pub(crate) fn was_served(&self, toppar: &Toppar) {
        let (rkb, toppar) = (self.as_c(), toppar.as_c());
        let _held = self.lock_toppars();
        // SAFETY: as in `adopt`. A partition that is in no ring, or in another broker's, has a link
        // that does not lead here.
        unsafe {
            let is_ours = (*toppar).rktp_broker.cast_const() == rkb.cast_const();
            if is_ours && !(*toppar).rktp_activelink.cqe_next.is_null() {
                (*rkb).rkb_active_toppar_next = behind(rkb, toppar);
            }
        }
    }
}

/// The next partition in the ring; behind the last comes the first.
///
/// # Safety
/// `toppar` is in the ring of `rkb`, whose lock is held.
unsafe fn behind(
    rkb: *mut rd_kafka_broker_t,
    toppar: *mut rd_kafka_toppar_t,
) -> *mut rd_kafka_toppar_t {
    // SAFETY: the caller's contract.
    unsafe {
        let ring = &raw mut (*rkb).rkb_active_toppars;
        let next = (*toppar).rktp_activelink.cqe_next;
        if next == ring.cast() { (*ring).cqh_first } else { next }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::broker::BrokerSource;
    use super::super::fixture::topic;
    use super::super::msgq::Order;
    use super::super::topic::toppars;
    use super::*;
    use crate::sys::rand::Rng;

    /// Both lists, walked forwards and backwards as C code does.
    fn walk(broker: &Broker) -> Vec<*mut rd_kafka_toppar_t> {
        let mut list = Vec::new();
        let mut ring = Vec::new();
        // SAFETY: one thread; what is in the lists is alive.
        unsafe {
            let rkb = broker.as_c();
            let mut from = &raw mut (*rkb).rkb_toppars.tqh_first;
            while !(*from).is_null() {
                assert_eq!((**from).rktp_rkblink.tqe_prev, from);
                list.push(*from);
                from = &raw mut (**from).rktp_rkblink.tqe_next;
            }
            assert_eq!((*rkb).rkb_toppars.tqh_last, from);
            let head = (&raw mut (*rkb).rkb_active_toppars).cast();
            let (mut at, mut before) = ((*rkb).rkb_active_toppars.cqh_first, head);
            while at != head {
                assert_eq!((*at).rktp_activelink.cqe_prev, before);
                ring.push(at);
                (before, at) = (at, (*at).rktp_activelink.cqe_next);
            }
            assert_eq!((*rkb).rkb_active_toppars.cqh_last, before);
            let counts = ((*rkb).rkb_toppar_cnt, (*rkb).rkb_active_toppar_cnt);
            assert_eq!(counts, (list.len() as i32, ring.len() as i32));
        }
        assert_eq!(list, ring);
        list
    }

    #[test]
    fn partitions_are_in_the_lists_of_their_broker_and_of_no_other() {
        let topic = topic(Order::Fifo);
        let new = || Broker::new(BrokerSource::Learned, 1, "h", 1).expect("a descriptor");
        let (brokers, mut models) = ([new(), new()], [Vec::new(), Vec::new()]);
        let mut partitions = toppars(&topic, 6);
        let mut rng = Rng::from_system();
        for _ in 0..2000 {
            let toppar = &partitions[rng.between(0, 5) as usize];
            models.iter_mut().for_each(|model| model.retain(|other| *other != toppar.as_c()));
            let broker = match rng.between(0, 2) {
                2 => None,
                at => {
                    models[at as usize].push(toppar.as_c());
                    Some(Arc::clone(&brokers[at as usize]))
                }
            };
            toppar.lock().set_broker(broker);
            assert_eq!([walk(&brokers[0]), walk(&brokers[1])], models);
        }
        for toppar in partitions.drain(..) {
            toppar.lock().set_broker(Some(Arc::clone(&brokers[0])));
        }
        assert!(walk(&brokers[0]).is_empty(), "a partition that goes leaves its broker");
        assert_eq!(Arc::strong_count(&brokers[0]), 1);
    }
}
