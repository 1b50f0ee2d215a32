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
        let handle = instance(|conf| {
            settings.iter().for_each(|(name, value)| set(conf, name.as_bytes(), value.as_bytes()));
        });
        let (store, topic) = (Store::boxed(&handle.settings, Order::Fifo), topic(&handle));
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

    fn look(&mut self) -> Waiting {
        self.store().look(Ts(1))
    }

    fn sealed(&mut self, count: usize) -> Sealed {
        Sealed::new(batch((0..count).map(|_| self.message())))
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
