//! Adaptive batching on a link whose round trips grow with the number of requests.
#![forbid(unsafe_code)]

use super::scene::{Scene, Script};

/// How long the broker needs for a request.
const SERVICE_US: i64 = 20_000;

/// A broker that needs some time for each request, one after the other.
struct Link {
    service_us: i64,
    base_us: i64,
    /// Time that the requests need that wait.
    backlog_us: i64,
    seen: usize,
}

impl Link {
    fn new(it: &Scene, service_us: i64, base_us: i64) -> Self {
        let mut link = Self { service_us, base_us, backlog_us: 0, seen: 0 };
        link.pass(it, 0);
        link
    }

    /// Time passes.
    fn pass(&mut self, it: &Scene, us: i64) {
        let count = it.request_count();
        let new = count - std::mem::replace(&mut self.seen, count);
        let more = i64::try_from(new).expect("not so many") * self.service_us;
        self.backlog_us = (self.backlog_us - us).max(0) + more;
        let mut net = it.net();
        let broker = net.cluster.brokers.get_mut(&1).expect("a broker");
        let rtt_us = self.base_us + self.backlog_us + self.service_us;
        broker.rtt_ms = i32::try_from(rtt_us / 1000).expect("short");
    }
}

/// A producer of 500 messages a second to eight partitions.
fn begin(adaptive: bool) -> Scene {
    let mut script = Script::new(8).with("max.in.flight", "100").with("broker.linger.ms", "2");
    if adaptive {
        script = script.with("adaptive.batching.enable", "true");
        script = script.with("adaptive.linger.min.ms", "2").with("adaptive.linger.max.ms", "500");
        script = script.with("adaptive.batch.min.bytes", "16384");
    }
    script.begin()
}

fn linger_us(it: &Scene) -> i64 {
    let adapted = it.world().parties.iter().filter_map(|party| party.engine.adapted());
    adapted.map(|(linger_us, _)| linger_us).max().expect("it is on")
}

/// What a second was like.
#[derive(Clone, Copy, Debug)]
struct Second {
    /// Its last linger, in microseconds.
    linger_us: i64,
    /// Its longest backlog.
    backlog_us: i64,
}

/// Produces for so many seconds.
fn run(it: &mut Scene, link: &mut Link, seconds: usize) -> Vec<Second> {
    let mut next = 0;
    let mut second = || {
        let mut backlog_us = 0;
        for _ in 0..500 {
            it.produce(0, next, 1);
            next = (next + 1) % 8;
            it.run_ms(2);
            link.pass(it, 2_000);
            backlog_us = link.backlog_us.max(backlog_us);
        }
        let is_on = it.world().handle.conf.adaptive_batching_enabled;
        Second { linger_us: if is_on { linger_us(it) } else { 0 }, backlog_us }
    };
    (0..seconds).map(|_| second()).collect()
}

/// Little is produced, until what was before the link was as it is now is forgotten.
fn calm(it: &mut Scene, link: &mut Link) {
    for _ in 0..150 {
        it.produce(0, 0, 1);
        it.run_ms(100);
        link.pass(it, 100_000);
    }
}

#[test]
fn a_congested_link_loses_its_queue_and_the_linger_comes_to_rest() {
    let course = |adaptive| {
        let mut it = begin(adaptive);
        let mut link = Link::new(&it, SERVICE_US, 5_000);
        calm(&mut it, &mut link);
        run(&mut it, &mut link, 14)
    };
    let (fixed, adapted) = (course(false), course(true));
    assert!(fixed.iter().all(|it| it.backlog_us >= 2 * SERVICE_US), "{fixed:?}");
    let (first, last) = adapted.split_at(7);
    assert!(first.iter().any(|it| it.linger_us > 10_000), "it waits for others: {first:?}");
    assert!(last.iter().all(|it| it.backlog_us <= SERVICE_US), "nothing waits: {last:?}");
    let lingers = last.iter().map(|it| it.linger_us);
    let (least, most) = (lingers.clone().min(), lingers.max());
    assert!(most <= least.map(|least| 2 * least), "it does not swing: {last:?}");
}
