//! What a partition announces, and the order of its batches.
#![forbid(unsafe_code)]

use super::*;
use crate::delivery::fixture::{accepted, instance, set, topic};
use crate::handle::Handle;
use crate::own::fixture::batch;
use crate::own::topic::Topic;

/// Messages go before their topic.
struct World {
    store: Box<dyn PartitionStore>,
    queue: MsgQueue,
    last_id: u64,
    topic: Arc<Topic>,
    handle: Arc<Handle>,
}

impl World {
    fn new(settings: &[(&str, &str)]) -> Self {
        Self::of(settings, Order::Fifo)
    }

    fn of(settings: &[(&str, &str)], order: Order) -> Self {
        let handle = instance(|conf| {
            settings.iter().for_each(|(name, value)| set(conf, name.as_bytes(), value.as_bytes()));
        });
        let (store, topic) = (Store::boxed(&handle.settings, order), topic(&handle));
        Self { handle, topic, store, queue: MsgQueue::new(), last_id: 0 }
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_any().downcast_mut().expect("a store of this engine")
    }

    fn message(&mut self) -> Msg {
        self.last_id += 1;
        let mut message = accepted(&self.handle, &self.topic, 0);
        message.set_id(self.last_id);
        message
    }

    fn enqueue(&mut self) -> Enqueued {
        let message = self.message();
        self.store.enqueue(&mut self.queue, message)
    }

    /// A produce call at `now` for a message that waits 100 microseconds at most.
    fn produce(&mut self, now: i64) -> Enqueued {
        assert!(self.handle.account.try_admit(5), "room");
        self.last_id += 1;
        let new = NewMessage {
            partition: 0,
            value: crate::own::msg::Value::Copy(b"value"),
            key: Some(b"key"),
            headers: None,
            timestamp_ms: now,
            opaque: std::ptr::without_provenance_mut(self.last_id as usize),
            now: Ts(now),
            expires: Ts(now + 100),
        };
        self.store.enqueue_new(&self.topic, &new, self.last_id)
    }

    fn produce_all(&mut self, times: &[i64]) {
        for now in times {
            self.produce(*now);
        }
    }

    /// The ids of the batches that were never sent, as they would go.
    fn fresh(&mut self) -> Vec<(u64, u64)> {
        let mut ids = Vec::new();
        while let Some(batch) = self.store().take_fresh() {
            ids.push((batch.first_id(), batch.last_id()));
        }
        ids
    }

    fn expire(&mut self, now: i64) -> Vec<(u64, u64)> {
        let mut expired = Lot::default();
        self.store().take_expired(Ts(now), &mut expired);
        expired.batches.iter().map(|batch| (batch.first_id(), batch.last_id())).collect()
    }

    fn look(&mut self) -> Waiting {
        self.store().look(Ts(1))
    }

    fn sealed(&mut self, count: usize) -> Box<Sealed> {
        Box::new(Sealed::new(batch((0..count).map(|_| self.message()))))
    }
}

#[test]
fn the_first_message_and_the_one_that_fills_a_batch_are_announced_once() {
    let mut it = World::new(&[("batch.num.messages", "3")]);
    let told: Vec<Enqueued> = (0..5).map(|_| it.enqueue()).collect();
    let (first, full, quiet) = (Enqueued::First, Enqueued::Full, Enqueued::Quiet);
    assert_eq!(told, [first, quiet, full, quiet, quiet]);
    let Waiting::Batch { is_full: true, .. } = it.look() else { panic!("a full batch") };
}

#[test]
fn bytes_fill_a_batch_too() {
    let mut it = World::new(&[("batch.size", "100")]);
    let told: Vec<Enqueued> = (0..4).map(|_| it.enqueue()).collect();
    assert_eq!(told, [Enqueued::First, Enqueued::Quiet, Enqueued::Full, Enqueued::Quiet]);
}

#[test]
fn enough_bytes_of_all_partitions_are_announced_once_and_again_when_they_went() {
    let total = Arc::new(Total::new(20));
    let (mut one, mut two) = (World::new(&[]), World::new(&[]));
    for it in [&mut one, &mut two] {
        it.store().count_in(Some(Arc::clone(&total)));
    }
    let told = [one.enqueue(), one.enqueue(), two.enqueue(), two.enqueue()];
    assert_eq!(told, [Enqueued::First, Enqueued::Quiet, Enqueued::Full, Enqueued::Quiet]);
    assert!(total.is_enough());
    two.store.drain(&mut two.queue, &mut Lot::default());
    two.look();
    assert!(!total.is_enough());
    assert_eq!(two.enqueue(), Enqueued::Full);
    two.store().count_in(None);
    assert!(!total.is_enough(), "it left");
}

#[test]
fn a_full_batch_is_no_news_as_long_as_one_flies() {
    let mut it = World::new(&[("batch.num.messages", "2")]);
    it.store().flying = 1;
    let told: Vec<Enqueued> = (0..4).map(|_| it.enqueue()).collect();
    assert_eq!(told, [Enqueued::First, Enqueued::Quiet, Enqueued::Quiet, Enqueued::Quiet]);
}

#[test]
fn an_idempotent_partition_has_five_batches_in_flight_and_others_one() {
    for (is_idempotent, most) in [("false", 1), ("true", 5)] {
        let mut it = World::new(&[("enable.idempotence", is_idempotent)]);
        it.store().flying = most - 1;
        assert!(!it.store().is_blocked());
        it.store().flying = most;
        assert!(it.store().is_blocked());
    }
}

#[test]
fn batches_that_come_back_go_first_in_the_order_of_their_messages() {
    let mut it = World::new(&[]);
    let (one, two, three) = (it.sealed(2), it.sealed(1), it.sealed(3));
    it.enqueue();
    let mut all = Lot::default();
    for sealed in [two, three, one] {
        it.store().take_back(sealed);
    }
    assert_eq!(it.store.kept().0, 7);
    it.store.drain(&mut it.queue, &mut all);
    let ids: Vec<_> = all.batches.iter().map(|it| (it.first_id(), it.last_id())).collect();
    assert_eq!((ids, all.len()), (vec![(1, 2), (3, 3), (4, 6), (7, 7)], 7));
    assert_eq!(it.look(), Waiting::Nothing);
}

#[test]
fn a_batch_that_came_back_waits_for_its_back_off_and_holds_the_others() {
    let mut it = World::new(&[]);
    let mut sealed = it.sealed(1);
    sealed.backoff = Ts(50);
    it.store().take_back(sealed);
    it.enqueue();
    assert_eq!(it.look(), Waiting::Until(Ts(50)));
    it.store().returned[0].backoff = Ts(1);
    assert!(matches!(it.look(), Waiting::Batch { since: Ts::ZERO, is_full: true, .. }));
}

#[test]
fn a_later_success_takes_the_batches_before_it() {
    let mut it = World::new(&[]);
    let (one, two) = (it.sealed(2), it.sealed(2));
    it.store().take_back(one);
    it.store().take_back(two);
    let mut acked = Vec::new();
    it.store().take_up_to(3, &mut acked);
    let ids: Vec<_> = acked.iter().map(|batch| (batch.first_id(), batch.last_id())).collect();
    assert_eq!((ids, it.store().returned.len()), (vec![(1, 2)], 1));
}

#[test]
fn batches_end_where_their_limits_are_and_the_open_one_goes_as_it_is() {
    let mut it = World::new(&[("batch.num.messages", "2")]);
    it.produce_all(&[10; 5]);
    assert_eq!((it.store.kept(), it.handle.account.messages()), ((5, 40), 5));
    assert_eq!(it.fresh(), [(1, 2), (3, 4), (5, 5)]);
    assert_eq!((it.store.kept(), it.look()), ((0, 0), Waiting::Nothing));
    assert_eq!(
        it.handle.account.messages(),
        0,
        "batches that are dropped give their messages back"
    );
    assert_eq!(it.produce(11), Enqueued::First);
}

#[test]
fn messages_expire_inside_the_open_batch_and_the_others_stay_in_order() {
    let mut it = World::new(&[]);
    it.produce_all(&[10, 20, 30]);
    assert_eq!(it.expire(109), []);
    assert_eq!(it.expire(125), [(1, 2)]);
    assert_eq!((it.store.kept(), it.handle.account.messages()), ((1, 8), 1));
    assert_eq!(it.look(), Waiting::Batch { since: Ts(30), is_full: false });
    it.produce(40);
    let first = it.store().take_fresh().expect("two batches");
    assert_eq!((first.first_id(), first.last_id(), first.since()), (3, 3, Ts(30)));
    assert_eq!(it.expire(139), [], "it was taken");
    assert_eq!(it.expire(140), [(4, 4)]);
    assert_eq!(it.look(), Waiting::Nothing);
}

#[test]
fn messages_expire_in_batches_that_come_back_as_a_whole_only_with_idempotence() {
    for (is_idempotent, expired) in [("false", (1, 1)), ("true", (1, 2))] {
        let mut it = World::new(&[("enable.idempotence", is_idempotent)]);
        it.produce_all(&[10, 50]);
        let batch = it.store().take_fresh().expect("a batch");
        it.store().take_back(Box::new(Sealed::new(batch)));
        assert_eq!(it.expire(120), [expired]);
        assert_eq!(it.store.kept().0, 2 - (expired.1 as usize));
    }
}

#[test]
fn a_purge_takes_what_is_in_the_open_batch() {
    let mut it = World::new(&[("batch.num.messages", "3")]);
    it.produce_all(&[10; 4]);
    let mut purged = Lot::default();
    it.store.drain(&mut it.queue, &mut purged);
    assert_eq!((purged.len(), it.store.kept(), it.look()), (4, (0, 0), Waiting::Nothing));
    drop(purged);
    assert_eq!((it.handle.account.messages(), it.handle.account.bytes()), (0, 0));
    assert_eq!(it.produce(11), Enqueued::First);
}

#[test]
fn the_newest_go_first_if_that_is_wanted() {
    let mut it = World::of(&[("batch.num.messages", "2")], Order::Lifo);
    it.produce_all(&[10, 9000, 9000, 10, 700]);
    let mut opaques = Vec::new();
    while let Some(batch) = it.store().take_fresh() {
        opaques.extend((0..batch.len()).map(|at| batch.message(at).opaque.addr()));
    }
    assert_eq!((opaques, it.store.kept()), (vec![5, 4, 3, 2, 1], (0, 0)));
}

#[test]
fn what_does_not_go_with_its_batch_goes_next() {
    let mut it = World::new(&[]);
    it.produce_all(&[10; 3]);
    let mut rest = it.store().take_fresh().expect("a batch");
    it.produce(11);
    let first = rest.split(1);
    it.store().put_back(rest);
    assert_eq!((first.first_id(), it.store.kept().0), (1, 3));
    assert_eq!(it.fresh(), [(2, 3), (4, 4)]);
}

#[test]
fn a_gap_in_the_numbers_begins_a_batch() {
    let mut it = World::new(&[]);
    it.produce(10);
    it.last_id += 3;
    it.produce(10);
    it.produce(10);
    assert_eq!(it.fresh(), [(1, 1), (5, 6)]);
}

#[test]
fn messages_that_waited_for_their_partition_become_records_too() {
    let mut it = World::new(&[]);
    assert_eq!((it.enqueue(), it.produce(10)), (Enqueued::First, Enqueued::Quiet));
    let batch = it.store().take_fresh().expect("a batch");
    let values: Vec<_> = (0..2).map(|at| batch.message(at).value.map(<[u8]>::to_vec)).collect();
    assert_eq!(values, [Some(b"value".to_vec()), Some(b"value".to_vec())]);
    drop(batch);
    assert_eq!((it.handle.account.messages(), it.handle.account.bytes()), (0, 0));
}

#[test]
fn a_partition_that_moves_takes_its_messages_along_and_is_news_again() {
    let (here, there) = (Arc::new(Total::new(8)), Arc::new(Total::new(8)));
    let mut it = World::new(&[]);
    it.store().count_in(Some(Arc::clone(&here)));
    assert_eq!((it.produce(10), here.is_enough()), (Enqueued::Full, true));
    it.store().count_in(None);
    assert_eq!(
        (it.store.forget_signals(&mut it.queue), here.is_enough()),
        (Enqueued::First, false)
    );
    it.store().count_in(Some(Arc::clone(&there)));
    assert!(there.is_enough());
    assert_eq!(it.fresh(), [(1, 1)]);
    assert!(!there.is_enough());
}
