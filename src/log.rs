//! Logs: levels, debug contexts, and where a line goes: the application's callback, a log queue, or standard error.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::callback;
use crate::conf::{Conf, LogSink};
use crate::op::queue::OpQueue;
use crate::op::{LogLine, Op};
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::lock::{Mutex, Rank};
use crate::sys::stderr;

/// Syslog levels.
pub(crate) mod level {
    pub(crate) const EMERG: i32 = 0;
    pub(crate) const CRIT: i32 = 2;
    pub(crate) const ERR: i32 = 3;
    pub(crate) const WARNING: i32 = 4;
    pub(crate) const NOTICE: i32 = 5;
    pub(crate) const INFO: i32 = 6;
    pub(crate) const DEBUG: i32 = 7;
}

/// Debug contexts, one bit each.
pub(crate) mod context {
    pub(crate) const GENERIC: u32 = 0x1;
    pub(crate) const BROKER: u32 = 0x2;
    pub(crate) const TOPIC: u32 = 0x4;
    pub(crate) const METADATA: u32 = 0x8;
    pub(crate) const QUEUE: u32 = 0x20;
    pub(crate) const MSG: u32 = 0x40;
    pub(crate) const PROTOCOL: u32 = 0x80;
}

/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 2047;

/// An instance's logger.
pub(crate) struct Logger {
    level: AtomicI32,
    contexts: u32,
    sink: Mutex<LogSink>,
    has_thread_name: bool,
    name: String,
    /// The instance's address, for the callback; 0 before it exists.
    instance: AtomicUsize,
    /// Lines of `log.queue=true`.
    queue: Option<Arc<OpQueue>>,
}

impl Logger {
    /// The logger of an instance that is called `name`.
    pub(crate) fn new(conf: &Conf, name: &str) -> Self {
        let contexts = u32::try_from(conf.values.int("debug")).unwrap_or(0);
        let configured = i32::try_from(conf.values.int("log_level")).unwrap_or(level::INFO);
        let level = if contexts != 0 { level::DEBUG } else { configured };
        Self {
            level: AtomicI32::new(level),
            contexts,
            sink: Mutex::new(Rank::Leaf, conf.callbacks.log),
            has_thread_name: conf.values.bool("log.thread.name"),
            name: name.to_owned(),
            instance: AtomicUsize::new(0),
            queue: conf.values.bool("log.queue").then(OpQueue::new),
        }
    }

    /// The instance exists now.
    pub(crate) fn set_instance(&self, address: usize) {
        self.instance.store(address, Ordering::Release);
    }

    /// Changes the level.
    pub(crate) fn set_level(&self, level: i32) {
        self.level.store(level, Ordering::Relaxed);
    }

    /// Changes the sink.
    pub(crate) fn set_sink(&self, sink: LogSink) {
        *self.sink.lock() = sink;
    }

    /// The queue of `log.queue=true`.
    pub(crate) fn queue(&self) -> Option<&Arc<OpQueue>> {
        self.queue.as_ref()
    }

    /// Are these contexts debugged?
    #[inline]
    pub(crate) fn debugs(&self, contexts: u32) -> bool {
        self.contexts & contexts != 0
    }

    /// Logs a line. `who` is the thread's name: `app`, `main`, or the broker's name.
    pub(crate) fn log(&self, level: i32, facility: &str, who: &str, text: impl Display) {
        if level <= self.level.load(Ordering::Relaxed) {
            self.write(level, facility, who, 0, &text.to_string());
        }
    }

    /// Logs a line about a broker.
    pub(crate) fn broker(&self, level: i32, facility: &str, broker: &str, text: impl Display) {
        self.log(level, facility, broker, format_args!("{broker}: {text}"));
    }

    /// Logs a debug line of these contexts.
    pub(crate) fn debug(&self, contexts: u32, facility: &str, who: &str, text: impl Display) {
        if self.debugs(contexts) && level::DEBUG <= self.level.load(Ordering::Relaxed) {
            self.write(level::DEBUG, facility, who, contexts, &text.to_string());
        }
    }

    fn write(&self, level: i32, facility: &str, who: &str, contexts: u32, text: &str) {
        let mut line = if self.has_thread_name {
            format!("[thrd:{who}]: {}", escaped(text))
        } else {
            escaped(text)
        };
        let mut end = line.len().min(LINE_BYTES_MAX);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        if let Some(queue) = &self.queue {
            let facility = facility.to_owned();
            queue.push(Op::Log(LogLine { level, facility, text: line, contexts }));
            return;
        }
        self.emit(level, facility, &line);
    }

    /// Gives a line to the sink.
    pub(crate) fn emit(&self, level: i32, facility: &str, line: &str) {
        let sink = *self.sink.lock();
        match sink {
            LogSink::Discard => {}
            LogSink::Default => print(level, facility, &self.name, line),
            LogSink::Callback(function) => {
                let instance = self.instance.load(Ordering::Acquire);
                callback::log(function, instance, level, facility, line);
            }
        }
    }
}

/// The default logger's line, on standard error.
pub(crate) fn print(level: i32, facility: &str, name: &str, line: &str) {
    let now = SystemClock.wall_ms();
    let (seconds, milliseconds) = (now / 1000, now % 1000);
    stderr::write_line(&format!(
        "%{level}|{seconds}.{milliseconds:03}|{facility}|{name}| {line}"
    ));
}

/// Control bytes of texts that came from outside are printed as escapes, so that they cannot forge lines.
fn escaped(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    text.chars()
        .flat_map(|c| {
            let (plain, escaped) = if c.is_control() {
                (None, Some(c.escape_default()))
            } else {
                (Some(c), None)
            };
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::clock::Ts;

    fn queued(settings: &[(&str, &str)]) -> Logger {
        let mut conf = Conf::new();
        conf.set(b"log.queue", Some(b"true")).expect("known");
        for (name, value) in settings {
            conf.set(name.as_bytes(), Some(value.as_bytes())).expect("valid");
        }
        Logger::new(&conf, "rdkafka#producer-1")
    }

    fn lines(logger: &Logger) -> Vec<LogLine> {
        let queue = logger.queue().expect("log.queue");
        std::iter::from_fn(|| queue.pop(&SystemClock, Ts::ZERO))
            .map(|op| match op {
                Op::Log(line) => line,
                _ => panic!("only lines are logged"),
            })
            .collect()
    }

    #[test]
    fn lines_above_the_level_are_not_logged() {
        let logger = queued(&[("log_level", "4")]);
        logger.log(level::INFO, "A", "app", "no");
        logger.broker(level::ERR, "FAIL", "h:1/2", "gone");
        logger.debug(context::MSG, "B", "app", "no");
        let lines = lines(&logger);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].text, "[thrd:h:1/2]: h:1/2: gone");
        assert_eq!((lines[0].level, lines[0].contexts), (3, 0));
    }

    #[test]
    fn a_debug_context_raises_the_level_and_marks_its_lines() {
        let logger = queued(&[("log_level", "2"), ("debug", "msg"), ("log.thread.name", "false")]);
        logger.debug(context::MSG, "B", "app", "yes");
        logger.debug(context::TOPIC, "B", "app", "no");
        let lines = lines(&logger);
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].text.as_str(), lines[0].contexts), ("yes", 0x40));
    }

    #[test]
    fn texts_are_escaped_and_cut() {
        let logger = queued(&[]);
        logger.log(level::ERR, "X", "app", format!("a\nb{}", "ä".repeat(2000)));
        let text = &lines(&logger)[0].text;
        assert!(text.starts_with("[thrd:app]: a\\nb"));
        assert!(text.len() <= LINE_BYTES_MAX && text.len() > LINE_BYTES_MAX - 2);
    }
}
