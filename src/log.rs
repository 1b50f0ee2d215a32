//! Logs: levels, debug contexts, and where a line goes: the application's callback, a log queue, or
//! standard error.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::abi::callbacks::LogCb;
use crate::callback;
use crate::conf::{Conf, Hook, Properties, dump};
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
    use crate::conf::context;

    pub(crate) const GENERIC: u32 = context::GENERIC.cast_unsigned();
    pub(crate) const BROKER: u32 = context::BROKER.cast_unsigned();
    pub(crate) const TOPIC: u32 = context::TOPIC.cast_unsigned();
    pub(crate) const METADATA: u32 = context::METADATA.cast_unsigned();
    pub(crate) const FEATURE: u32 = context::FEATURE.cast_unsigned();
    pub(crate) const MSG: u32 = context::MSG.cast_unsigned();
    pub(crate) const PROTOCOL: u32 = context::PROTOCOL.cast_unsigned();
    pub(crate) const EOS: u32 = context::EOS.cast_unsigned();
    pub(crate) const CONF: u32 = context::CONF.cast_unsigned();
    pub(crate) const BATCHCOL: u32 = context::BATCHCOL.cast_unsigned();
}

/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 2047;

/// An instance's logger.
pub(crate) struct Logger {
    level: AtomicI32,
    contexts: u32,
    sink: Mutex<Hook<LogCb>>,
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
        let contexts = conf.debug.cast_unsigned();
        let level = if contexts != 0 { level::DEBUG } else { conf.log_level };
        Self {
            level: AtomicI32::new(level),
            contexts,
            sink: Mutex::new(Rank::Leaf, conf.log_cb),
            has_thread_name: conf.log_thread_name,
            name: name.to_owned(),
            instance: AtomicUsize::new(0),
            queue: conf.log_queue.then(OpQueue::new),
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
    pub(crate) fn set_sink(&self, sink: Hook<LogCb>) {
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

    /// Are lines of this level logged?
    #[inline]
    pub(crate) fn is_on(&self, level: i32) -> bool {
        level <= self.level.load(Ordering::Relaxed)
    }

    /// Logs a line. `who` is the thread's name: `app`, `main`, or the broker's name.
    pub(crate) fn log(&self, level: i32, facility: &str, who: &str, text: impl Display) {
        if self.is_on(level) {
            self.write(level, facility, who, 0, &text);
        }
    }

    /// Logs a line about a broker.
    pub(crate) fn broker(&self, level: i32, facility: &str, broker: &str, text: impl Display) {
        self.log(level, facility, broker, format_args!("{broker}: {text}"));
    }

    /// Logs a debug line of these contexts.
    pub(crate) fn debug(&self, contexts: u32, facility: &str, who: &str, text: impl Display) {
        if self.debugs(contexts) && self.is_on(level::DEBUG) {
            self.write(level::DEBUG, facility, who, contexts, &text);
        }
    }

    /// Logs what was set in a configuration, if that is debugged.
    pub(crate) fn configuration<C: Properties>(&self, title: impl Display, conf: &C) {
        if !self.debugs(context::CONF) || conf.modified().is_empty() {
            return;
        }
        self.debug(context::CONF, "CONF", "app", format_args!("{title}:"));
        for (name, value) in dump::dump_modified(conf) {
            self.debug(context::CONF, "CONF", "app", format_args!("  {name} = {value}"));
        }
    }

    fn write(&self, level: i32, facility: &str, who: &str, contexts: u32, text: &dyn Display) {
        let line = match self.has_thread_name {
            true => format!("[thrd:{who}]: {text}"),
            false => text.to_string(),
        };
        let mut line = escaped(line);
        let len = cut(&line, LINE_BYTES_MAX).len();
        line.truncate(len);
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
            Hook::Unset => {}
            Hook::BuiltIn => print(level, facility, &self.name, line),
            Hook::Set(function) => {
                let instance = self.instance.load(Ordering::Acquire);
                callback::log(function, instance, level, facility, line);
            }
        }
    }
}

/// The default logger's line, on standard error.
pub(crate) fn print(level: i32, facility: &str, name: &str, line: &str) {
    stderr::write_line(&printed(SystemClock.wall_ms(), level, facility, name, line));
}

fn printed(wall_ms: i64, level: i32, facility: &str, name: &str, line: &str) -> String {
    let (seconds, milliseconds) = (wall_ms / 1000, wall_ms % 1000);
    format!("%{level}|{seconds}.{milliseconds:03}|{facility}|{name}| {line}")
}

/// The start of a text, at most `bytes_max` long and ending between characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Control characters of texts that came from outside are printed as escapes, so that they cannot
/// forge lines.
fn escaped(line: String) -> String {
    if !line.contains(char::is_control) {
        return line;
    }
    let mut clean = String::with_capacity(line.len() + 16);
    for character in line.chars() {
        match character.is_control() {
            true => clean.extend(character.escape_default()),
            false => clean.push(character),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::SetResult;
    use crate::sys::clock::Ts;

    fn queued(settings: &[(&str, &str)]) -> Logger {
        let mut conf = Conf::default();
        conf.log_queue = true;
        for (name, value) in settings {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok);
        }
        Logger::new(&conf, "rdkafka#producer-1")
    }

    fn lines(logger: &Logger) -> Vec<LogLine> {
        lines_of(logger.queue().expect("log.queue"))
    }

    fn lines_of(queue: &OpQueue) -> Vec<LogLine> {
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
    fn a_debugged_configuration_shows_what_was_set_without_secrets() {
        let logger = queued(&[("debug", "conf")]);
        let mut conf = Conf::default();
        for (name, value) in [("client.id", "me"), ("sasl.password", "hunter2")] {
            assert_eq!(conf.set(name.as_bytes(), Some(value.as_bytes())).result, SetResult::Ok);
        }
        logger.configuration("Nothing", &Conf::default());
        logger.configuration("Title", &conf);
        let texts: Vec<String> = lines(&logger).into_iter().map(|line| line.text).collect();
        let expected = ["Title:", "  client.id = me", "  sasl.password = [redacted]"];
        assert_eq!(texts, expected.map(|text| format!("[thrd:app]: {text}")));

        let silent = queued(&[("debug", "msg")]);
        silent.configuration("Title", &conf);
        assert!(lines(&silent).is_empty());
    }

    #[test]
    fn the_default_line_has_the_historical_form() {
        let line = printed(1_700_000_000_007, 3, "FAIL", "rdkafka#producer-1", "[thrd:app]: x");
        assert_eq!(line, "%3|1700000000.007|FAIL|rdkafka#producer-1| [thrd:app]: x");
    }

    #[test]
    fn lines_wait_for_the_log_queue() {
        let logger = queued(&[]);
        logger.log(level::ERR, "A", "app", "early");
        let target = OpQueue::new();
        logger.queue().expect("log.queue").forward(Some(&target));
        logger.log(level::ERR, "B", "app", "late");
        let texts: Vec<String> = lines_of(&target).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["[thrd:app]: early", "[thrd:app]: late"]);
    }

    #[test]
    fn texts_that_are_not_logged_are_not_made() {
        struct Never;
        impl Display for Never {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                panic!("formatted");
            }
        }
        let logger = queued(&[("log_level", "3")]);
        logger.log(level::WARNING, "A", "app", Never);
        logger.broker(level::INFO, "A", "h:1/2", Never);
        logger.debug(context::MSG, "A", "app", Never);
        assert!(lines(&logger).is_empty());
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
