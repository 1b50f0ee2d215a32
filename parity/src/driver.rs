//! The application: the C program as a child, with the library of one side.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What it said.
#[derive(Default)]
pub struct Inbox {
    /// Ends of commands.
    pub replies: VecDeque<(Instant, String)>,
    /// Callbacks, in their order.
    pub events: Vec<(Instant, String)>,
    pub reports: usize,
    pub statistics: usize,
    pub latest: String,
    pub gone: bool,
}

pub struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    inbox: Arc<(Mutex<Inbox>, Condvar)>,
}

impl Driver {
    pub fn start(program: &Path, library: &Path) -> io::Result<Self> {
        let debug = std::env::var_os("PARITY_DEBUG").is_some();
        let mut child = Command::new(program)
            .env("LD_LIBRARY_PATH", library)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if debug { Stdio::inherit() } else { Stdio::null() })
            .spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let inbox = Arc::new((Mutex::new(Inbox::default()), Condvar::new()));
        let theirs = inbox.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                theirs.0.lock().expect("no panic").take(line);
                theirs.1.notify_all();
            }
            theirs.0.lock().expect("no panic").gone = true;
            theirs.1.notify_all();
        });
        Ok(Self { child, stdin, inbox })
    }

    pub fn send(&mut self, command: &str) -> io::Result<()> {
        let stdin = self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(stdin, "{command}")?;
        stdin.flush()
    }

    /// The end of the oldest command that is not ended yet.
    pub fn reply(&self) -> Result<(Instant, String), String> {
        let mut reply = None;
        self.wait(Duration::from_secs(60), |inbox| {
            reply = inbox.replies.pop_front();
            reply.is_some()
        });
        reply.ok_or_else(|| if self.gone() { "the program died" } else { "no reply" }.into())
    }

    pub fn gone(&self) -> bool {
        self.with(|inbox| inbox.gone)
    }

    pub fn with<T>(&self, use_it: impl FnOnce(&mut Inbox) -> T) -> T {
        use_it(&mut self.inbox.0.lock().expect("no panic"))
    }

    /// Waits until it holds; false if it did not in time.
    pub fn wait(&self, limit: Duration, mut holds: impl FnMut(&mut Inbox) -> bool) -> bool {
        let end = Instant::now() + limit;
        let mut inbox = self.inbox.0.lock().expect("no panic");
        loop {
            if holds(&mut inbox) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || inbox.gone {
                return false;
            }
            inbox = self.inbox.1.wait_timeout(inbox, left).expect("no panic").0;
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The end of its input ends it; a program that hangs is ended.
        self.stdin = None;
        if !self.wait(Duration::from_secs(1), |inbox| inbox.gone) {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

impl Inbox {
    fn take(&mut self, line: String) {
        let now = Instant::now();
        match line.split_once(' ') {
            Some(("=", text)) => self.replies.push_back((now, text.to_owned())),
            Some(("S", json)) => {
                self.statistics += 1;
                self.latest = json.to_owned();
            }
            Some((kind, _)) => {
                self.reports += usize::from(kind == "R");
                self.events.push((now, line));
            }
            None => {}
        }
    }
}
