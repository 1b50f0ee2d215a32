//! Rolling windows of the statistics: exact minimum, maximum, sum and count, and quantiles from a
//! histogram with two significant figures. Who has windows locks them; when they roll is the
//! business of `stats`.
#![forbid(unsafe_code)]

use crate::conf::settings::Settings;

/// Buckets double in width; each has this many parts, which keeps two significant figures.
const PARTS: usize = 256;
const HALF: usize = PARTS / 2;
/// `PARTS` as a power of two.
const PARTS_LOG2: u32 = 8;
/// What history's histogram object takes beside its counters; `hdrsize` includes it.
const FIXED_BYTES: usize = 112;
/// A range that was exceeded grows by the excess and this part of it, in percent.
const SPARE_PERCENT: i64 = 20;

/// How often values occurred, to two significant figures.
struct Histogram {
    counts: Vec<u64>,
    total: u64,
    /// The largest value that was asked for; the counters reach a little further.
    largest: i64,
    outside_count: u64,
    largest_outside: i64,
}

impl Histogram {
    /// An empty histogram for values from 0 to `largest`.
    fn new(largest: i64) -> Self {
        let mut buckets = 1;
        while buckets + PARTS_LOG2 < 63 && (1_i64 << (buckets + PARTS_LOG2 - 1)) < largest {
            buckets += 1;
        }
        Self {
            counts: vec![0; (buckets as usize + 1) * HALF],
            total: 0,
            largest,
            outside_count: 0,
            largest_outside: 0,
        }
    }

    /// The counter of a value; it may be beyond the last one.
    fn index(value: u64) -> usize {
        let bits = u64::BITS - (value | (PARTS as u64 - 1)).leading_zeros();
        let bucket = bits - PARTS_LOG2;
        let part = usize::try_from(value >> bucket).unwrap_or(PARTS);
        bucket as usize * HALF + part
    }

    /// The smallest value that a counter counts, and how many there are.
    fn values(index: usize) -> (i64, i64) {
        let bucket = (index / HALF).saturating_sub(1);
        let part = index - bucket * HALF;
        ((part as i64) << bucket, 1 << bucket)
    }

    fn add(&mut self, value: i64) {
        let index = u64::try_from(value).map(Self::index);
        let counter = index.ok().and_then(|index| self.counts.get_mut(index));
        match counter {
            Some(counter) => {
                *counter += 1;
                self.total += 1;
            }
            None => {
                self.outside_count += 1;
                self.largest_outside = self.largest_outside.max(value);
            }
        }
    }

    /// The value that `per_10000` of the values do not exceed, rounded up to its counter's last.
    fn quantile(&self, per_10000: u64) -> i64 {
        let wanted = ((per_10000 as f64 / 10_000.0) * self.total as f64 + 0.5) as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                let (first, width) = Self::values(index);
                return first + width - 1;
            }
        }
        0
    }

    /// The standard deviation, each value taken as the middle of what its counter counts.
    fn deviation(&self) -> i64 {
        if self.total == 0 {
            return 0;
        }
        let used = || {
            self.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(index, count)| {
                let (first, width) = Self::values(index);
                ((first + width / 2) as f64, *count as f64)
            })
        };
        let total = self.total as f64;
        let mean = used().map(|(middle, count)| middle * count).sum::<f64>() / total;
        let squares = used().map(|(middle, count)| (middle - mean).powi(2) * count).sum::<f64>();
        (squares / total).sqrt() as i64
    }

    /// Bytes, as history's object would take them.
    fn bytes(&self) -> usize {
        self.counts.len() * size_of::<u64>() + FIXED_BYTES
    }

    /// Forgets everything; the range grows if values were outside it.
    fn begin_anew(&mut self) {
        let excess = self.largest_outside.saturating_sub(self.largest);
        if self.total > 0 && excess > 0 {
            let spare = excess / 100 * SPARE_PERCENT + excess % 100 * SPARE_PERCENT / 100;
            *self = Self::new(self.largest_outside.saturating_add(spare));
        } else {
            self.counts.fill(0);
            self.total = 0;
            self.outside_count = 0;
            self.largest_outside = 0;
        }
    }
}

/// What a window saw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct WindowNumbers {
    /// Smallest value.
    pub(crate) min: i64,
    /// Largest value.
    pub(crate) max: i64,
    /// Average.
    pub(crate) average: i64,
    /// Sum.
    pub(crate) sum: i64,
    /// Standard deviation.
    pub(crate) deviation: i64,
    /// Quantiles: 50, 75, 90, 95, 99 and 99.99 percent.
    pub(crate) quantiles: [i64; 6],
    /// Values that the histogram's range leaves out.
    pub(crate) outside_count: u64,
    /// Size of the histogram.
    pub(crate) histogram_bytes: usize,
    /// Values.
    pub(crate) count: u64,
}

/// Values since the last roll.
pub(crate) struct Window {
    min: i64,
    max: i64,
    sum: i64,
    count: u64,
    histogram: Histogram,
}

impl Window {
    /// An empty window that expects values from 0 to `largest`.
    pub(crate) fn new(largest: i64) -> Self {
        Self { min: 0, max: 0, sum: 0, count: 0, histogram: Histogram::new(largest) }
    }

    /// Takes a value in.
    pub(crate) fn add(&mut self, value: i64) {
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
        self.histogram.add(value);
    }

    /// Takes many values in: one for each message of a batch, so the sums stay in registers.
    pub(crate) fn add_all(&mut self, values: impl Iterator<Item = i64>) {
        let (mut min, mut max, mut sum, mut count) = (i64::MAX, i64::MIN, 0_i64, 0);
        for value in values {
            min = min.min(value);
            max = max.max(value);
            sum = sum.saturating_add(value);
            count += 1;
            self.histogram.add(value);
        }
        if count == 0 {
            return;
        }
        let is_first = self.count == 0;
        self.min = if is_first { min } else { self.min.min(min) };
        self.max = if is_first { max } else { self.max.max(max) };
        self.sum = self.sum.saturating_add(sum);
        self.count += count;
    }

    /// What it saw up to now, without the histogram.
    pub(super) fn now(&self) -> Values {
        let Self { min, max, sum, count, .. } = *self;
        Values { min, max, sum, count }
    }

    /// Ends the window and begins the next.
    pub(crate) fn roll(&mut self) -> WindowNumbers {
        let divisor = i64::try_from(self.count).unwrap_or(i64::MAX).max(1);
        let numbers = WindowNumbers {
            min: self.min,
            max: self.max,
            average: self.sum / divisor,
            sum: self.sum,
            deviation: self.histogram.deviation(),
            quantiles: [5000, 7500, 9000, 9500, 9900, 9999].map(|q| self.histogram.quantile(q)),
            outside_count: self.histogram.outside_count,
            histogram_bytes: self.histogram.bytes(),
            count: self.count,
        };
        (self.min, self.max, self.sum, self.count) = (0, 0, 0, 0);
        if numbers.count > 0 {
            self.histogram.begin_anew();
        }
        numbers
    }
}

/// What a window saw up to now.
pub(super) struct Values {
    /// Smallest value.
    pub(super) min: i64,
    /// Largest value.
    pub(super) max: i64,
    /// Sum.
    pub(super) sum: i64,
    /// Values.
    pub(super) count: u64,
}

/// A broker's windows.
pub(crate) struct BrokerWindows {
    /// From produce call to written batch, microseconds, one value per message.
    pub(crate) int_latency: Window,
    /// From output queue to socket, microseconds, one value per request.
    pub(crate) outbuf_latency: Window,
    /// From socket to response, microseconds.
    pub(crate) rtt: Window,
    /// Throttle times that the broker reported, milliseconds.
    pub(crate) throttle: Window,
}

impl BrokerWindows {
    /// Empty windows with the historical ranges.
    pub(crate) fn new() -> Self {
        Self {
            int_latency: Window::new(100_000),
            outbuf_latency: Window::new(100_000),
            rtt: Window::new(500_000),
            throttle: Window::new(5_000_000),
        }
    }
}

/// A topic's windows.
pub(crate) struct TopicWindows {
    /// Bytes of message sets.
    pub(crate) batch_bytes: Window,
    /// Messages in them.
    pub(crate) batch_messages: Window,
}

impl TopicWindows {
    /// Empty windows for the configured limits.
    pub(crate) fn new(message_bytes_max: usize, batch_messages_max: usize) -> Self {
        let largest = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        Self {
            batch_bytes: Window::new(largest(message_bytes_max)),
            batch_messages: Window::new(largest(batch_messages_max)),
        }
    }
}

/// A broker's windows of Produce requests; only engine `v2` has them.
pub(crate) struct ProduceWindows {
    /// Partitions of a request.
    pub(crate) partitions: Window,
    /// Messages of a request.
    pub(crate) messages: Window,
    /// Bytes of a request.
    pub(crate) request_bytes: Window,
    /// These in thousandths of the most that are allowed.
    pub(crate) fill: Window,
    /// How long partitions waited for a request, microseconds.
    pub(crate) batch_wait: Window,
}

impl ProduceWindows {
    /// Partitions of a request that are expected where nothing limits them.
    const PARTITIONS: usize = 2_000;

    /// Empty windows for the configured limits.
    pub(crate) fn new(settings: &Settings) -> Self {
        let largest = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        let partitions = match settings.request_partitions_max {
            0 => Self::PARTITIONS,
            limit => limit,
        };
        Self {
            partitions: Window::new(largest(partitions)),
            messages: Window::new(settings.queued_messages_max),
            request_bytes: Window::new(largest(settings.message_bytes_max)),
            fill: Window::new(1_000),
            batch_wait: Window::new(5_000_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::Conf;
    use crate::sys::rand::Rng;

    #[test]
    fn sizes_are_those_of_the_historical_histogram() {
        let broker = BrokerWindows::new();
        let topic = TopicWindows::new(1_000_000, 10_000);
        let sizes = [
            broker.int_latency,
            broker.outbuf_latency,
            broker.rtt,
            broker.throttle,
            topic.batch_bytes,
            topic.batch_messages,
        ]
        .map(|window| window.histogram.bytes());
        assert_eq!(sizes, [11376, 11376, 13424, 17520, 14448, 8304]);
    }

    #[test]
    fn sizes_of_the_windows_of_requests_follow_the_limits() {
        let mut settings = Settings::of(&Conf::default());
        settings.message_bytes_max = 1_000_000;
        let sizes = |settings: &Settings| {
            let windows = ProduceWindows::new(settings);
            [
                windows.partitions,
                windows.messages,
                windows.request_bytes,
                windows.fill,
                windows.batch_wait,
            ]
            .map(|window| window.histogram.bytes())
        };
        assert_eq!(sizes(&settings), [5232, 11376, 14448, 4208, 17520]);
        settings.request_partitions_max = 100;
        settings.queued_messages_max = 0;
        assert_eq!(sizes(&settings)[..2], [2160, 2160]);
    }

    #[test]
    fn every_value_is_within_what_its_counter_counts() {
        let mut next = 0;
        for index in 0..20 * HALF {
            let (first, width) = Histogram::values(index);
            assert_eq!(first, next, "counter {index} begins where the one before ends");
            next = first + width;
            for value in [first, next - 1] {
                assert_eq!(Histogram::index(value.unsigned_abs()), index, "value {value}");
            }
            assert!(width == 1 || first / width >= 128, "counter {index} is too coarse");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values_to_two_figures() {
        let mut rng = Rng::from_system();
        for (most, count) in [(90, 500), (9_000, 1_000), (400_000, 5_000), (400_000, 7)] {
            let mut window = Window::new(500_000);
            let mut values: Vec<i64> = (0..count).map(|_| rng.between(0, most)).collect();
            values.iter().for_each(|value| window.add(*value));
            values.sort_unstable();
            let got = window.roll();
            let sum: i64 = values.iter().sum();
            assert_eq!((got.min, got.max), (values[0], values[values.len() - 1]));
            assert_eq!((got.sum, got.average, got.count), (sum, sum / count, count as u64));
            for (share, quantile) in [0.5, 0.75, 0.9, 0.95, 0.99, 0.9999].iter().zip(got.quantiles)
            {
                let rank = (share * count as f64 + 0.5) as usize;
                let exact = values[rank.max(1) - 1];
                let most = exact + exact / 128;
                assert!((exact..=most).contains(&quantile), "{share}: {quantile} for {exact}");
            }
            let mean = sum as f64 / count as f64;
            let square = values.iter().map(|v| (*v as f64 - mean).powi(2)).sum::<f64>();
            let exact = (square / count as f64).sqrt();
            assert!((got.deviation as f64 - exact).abs() <= exact / 50.0 + 1.0);
        }
    }

    #[test]
    fn windows_agree_with_a_historical_document() {
        let mut bytes = Window::new(1_000_000);
        (0..10).for_each(|_| bytes.add(1874));
        (0..10).for_each(|_| bytes.add(1905));
        let got = bytes.roll();
        assert_eq!(got.quantiles, [1879, 1911, 1911, 1911, 1911, 1911]);
        assert_eq!((got.average, got.deviation, got.histogram_bytes), (1889, 16, 14448));
    }

    #[test]
    fn many_values_are_taken_in_like_each_of_them() {
        let mut rng = Rng::from_system();
        let (mut one_by_one, mut together) = (Window::new(1000), Window::new(1000));
        for count in [0, 3, 1, 0, 70] {
            let values: Vec<i64> = (0..count).map(|_| rng.between(-5, 1500)).collect();
            values.iter().for_each(|value| one_by_one.add(*value));
            together.add_all(values.into_iter());
        }
        assert_eq!(together.roll(), one_by_one.roll());
    }

    #[test]
    fn a_roll_begins_an_empty_window() {
        let mut window = Window::new(1000);
        let empty = window.roll();
        assert_eq!(empty, WindowNumbers { histogram_bytes: 4208, ..WindowNumbers::default() });
        window.add(17);
        assert_eq!(window.roll().quantiles, [17; 6]);
        assert_eq!(window.roll(), empty);
    }

    #[test]
    fn values_outside_are_counted_and_widen_the_next_window() {
        let mut window = Window::new(1000);
        window.add(5);
        window.add(9000);
        window.add(-1);
        let got = window.roll();
        assert_eq!((got.min, got.max, got.count, got.outside_count), (-1, 9000, 3, 2));
        assert_eq!(got.quantiles, [5; 6]);
        window.add(10_600);
        let got = window.roll();
        assert_eq!((got.outside_count, got.quantiles[5]), (0, 10_623));
    }

    #[test]
    fn the_largest_range_needs_no_overflow() {
        let mut window = Window::new(i64::MAX);
        window.add(i64::MAX);
        window.add(i64::MAX);
        assert_eq!(window.roll().sum, i64::MAX);
    }
}
