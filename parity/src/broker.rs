//! The scripted brokers: a thread that accepts, and three threads for a connection: one reads, one
//! answers Produce requests, in order and when an answer is due, one answers everything else.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::produce;
use crate::script::{API_VERSIONS, FIND_COORDINATOR, INIT_PRODUCER_ID, METADATA, PRODUCE, Script};
use crate::wire::{Fields, Out};
use crate::world::{State, World};

/// An answer in the queue of its connection.
pub struct Answer {
    pub due: Instant,
    /// Number among the held answers.
    pub held: Option<usize>,
    pub bytes: Vec<u8>,
    /// Close the connection afterwards.
    pub close: bool,
}

#[derive(Default)]
struct Answers {
    queue: Mutex<(VecDeque<Answer>, bool)>,
    changed: Condvar,
}

/// All brokers of a script, until dropped.
pub struct Cluster {
    pub world: Arc<World>,
}

impl Cluster {
    pub fn start(script: &Script) -> io::Result<Self> {
        let mut listeners = Vec::new();
        for _ in 0..script.brokers {
            listeners.push(TcpListener::bind("127.0.0.1:0")?);
        }
        let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port()));
        let ports = ports.collect::<io::Result<Vec<u16>>>()?;
        let world = Arc::new(World::new(script, ports));
        for (id, listener) in (1..).zip(listeners) {
            let world = world.clone();
            std::thread::spawn(move || accept(&world, id, &listener));
        }
        Ok(Self { world })
    }

    pub fn bootstrap(&self) -> String {
        let state = self.world.lock();
        let addresses: Vec<_> =
            state.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        addresses.join(",")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let ports = self.world.change(|state| {
            state.closing = true;
            state.cut(0);
            state.ports.clone()
        });
        for port in ports {
            // Wakes the thread that accepts.
            TcpStream::connect(("127.0.0.1", port)).ok();
        }
    }
}

fn accept(world: &Arc<World>, id: i32, listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        let closing = world.change(|state| {
            if state.closing || state.down[id as usize] {
                return true;
            }
            state.connections += 1;
            if world.script.shows.iter().any(|show| show == "connections") {
                state.note(&format!("broker {id}"), "connection".into());
            }
            stream.try_clone().map(|stream| state.open.push((id, stream))).is_err()
        });
        if world.lock().closing {
            return;
        }
        if closing {
            continue;
        }
        let world = world.clone();
        std::thread::spawn(move || {
            // Answers to Produce, and all others: one that is held back holds up none of those.
            let answers = [Arc::new(Answers::default()), Arc::new(Answers::default())];
            for answers in &answers {
                let (writer, theirs, also) = (stream.try_clone(), answers.clone(), world.clone());
                let Ok(writer) = writer else { return };
                std::thread::spawn(move || write_answers(writer, &theirs, &also));
            }
            read_requests(&stream, id, &world, &answers).ok();
            stream.shutdown(std::net::Shutdown::Both).ok();
            for answers in &answers {
                answers.queue.lock().expect("no panic").1 = true;
                answers.changed.notify_all();
            }
            world.change(|_| ());
        });
    }
}

fn write_answers(mut stream: TcpStream, answers: &Answers, world: &World) {
    stream.set_nodelay(true).ok();
    loop {
        let answer = {
            let mut queue = answers.queue.lock().expect("no panic");
            while queue.0.is_empty() && !queue.1 {
                queue = answers.changed.wait(queue).expect("no panic");
            }
            if queue.1 { return } else { queue.0.pop_front() }
        };
        let Some(answer) = answer else { return };
        if let Some(number) = answer.held {
            let gone = || answers.queue.lock().expect("no panic").1;
            world.wait(Duration::from_secs(60), |state| {
                state.released >= number || state.closing || gone()
            });
        }
        std::thread::sleep(answer.due.saturating_duration_since(Instant::now()));
        if stream.write_all(&answer.bytes).is_err() {
            return;
        }
        if answer.close {
            stream.shutdown(std::net::Shutdown::Both).ok();
            return;
        }
    }
}

fn read_requests(
    mut stream: &TcpStream,
    id: i32,
    world: &World,
    answers: &[Arc<Answers>; 2],
) -> io::Result<()> {
    loop {
        if world.lock().stalled[id as usize] {
            world.wait(Duration::from_secs(60), |state| {
                state.closing || !state.stalled[id as usize]
            });
        }
        let mut size = [0; 4];
        stream.read_exact(&mut size)?;
        let mut frame = vec![0; i32::from_be_bytes(size) as usize];
        stream.read_exact(&mut frame)?;
        let mut fields = Fields(&frame);
        let (key, version) = (fields.i16()?, fields.i16()?);
        let correlation = fields.i32()?;
        let client = fields.string(false)?;
        let flexible = (key == PRODUCE && version >= 9) || (key == API_VERSIONS && version >= 3);
        fields.tags(flexible)?;
        let request = Request { id, key, version, correlation, client };
        let answer = world.change(|state| request.answer(world, state, fields))?;
        if let Some(answer) = answer {
            let answers = &answers[usize::from(key != PRODUCE)];
            answers.queue.lock().expect("no panic").0.push_back(answer);
            answers.changed.notify_all();
        }
    }
}

/// The header of a request.
pub struct Request {
    /// The broker that got it.
    pub id: i32,
    key: i16,
    pub version: i16,
    pub correlation: i32,
    pub client: Option<String>,
}

impl Request {
    /// None if there is no answer to it; an error closes the connection.
    fn answer(
        &self,
        world: &World,
        state: &mut State,
        fields: Fields<'_>,
    ) -> io::Result<Option<Answer>> {
        let range = world.script.apis.get(&self.key).copied().flatten();
        let known = range.is_some_and(|range| (range.0..=range.1).contains(&self.version));
        let body = match self.key {
            API_VERSIONS if world.script.no_api_versions => {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            API_VERSIONS => self.api_versions(world, known),
            _ if !known => return Err(io::ErrorKind::Unsupported.into()),
            PRODUCE => return produce::answer(self, world, state, fields),
            METADATA => self.metadata(world, state, fields)?,
            FIND_COORDINATOR => self.coordinator(state),
            INIT_PRODUCER_ID => self.producer_id(world, state, fields)?,
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Some(self.finish(body)))
    }

    fn finish(&self, body: Out) -> Answer {
        let bytes = frame(self.correlation, &body.bytes);
        Answer { due: Instant::now(), held: None, bytes, close: false }
    }

    fn api_versions(&self, world: &World, known: bool) -> Out {
        let mut out = Out::new(known && self.version >= 3);
        out.i16(if known { 0 } else { 35 });
        let apis = world.script.apis.iter();
        let apis: Vec<_> = apis.filter_map(|(key, range)| Some((*key, (*range)?))).collect();
        out.count(apis.len() as i32);
        for (key, (low, high)) in apis {
            out.i16(key);
            out.i16(low);
            out.i16(high);
            out.tags(&[]);
        }
        if known && self.version >= 1 {
            out.i32(0);
        }
        out.tags(&[]);
        out
    }

    fn metadata(
        &self,
        world: &World,
        state: &mut State,
        mut fields: Fields<'_>,
    ) -> io::Result<Out> {
        let count = fields.i32()?;
        let mut names = Vec::new();
        for _ in 0..count {
            names.push(fields.string(false)?.unwrap_or_default());
        }
        if count < 0 || (count == 0 && self.version == 0) {
            names = state.topics.keys().cloned().collect();
            names.sort();
        }
        state.metadata += usize::from(!state.warm);
        for show in &world.script.shows {
            let group = match show.as_str() {
                "metadata" => "metadata".to_owned(),
                "metadata-order" => format!("broker {}", self.id),
                _ => continue,
            };
            state.note(&group, format!("Metadata {}", names.join(" ")));
        }
        let mut out = Out::new(false);
        self.metadata_brokers(state, &mut out);
        out.i32(names.len() as i32);
        for name in &names {
            self.metadata_topic(state, name, &mut out);
        }
        if self.version >= 8 {
            out.i32(i32::MIN);
        }
        Ok(out)
    }

    fn metadata_brokers(&self, state: &State, out: &mut Out) {
        if self.version >= 3 {
            out.i32(0);
        }
        let all = (1..).zip(&state.ports);
        let known: Vec<_> = all.filter(|(id, _)| !state.forgotten.contains(id)).collect();
        out.i32(known.len() as i32);
        for (id, port) in known {
            out.i32(id);
            out.string(Some("127.0.0.1"));
            out.i32(i32::from(*port));
            if self.version >= 1 {
                out.string(None);
            }
        }
        if self.version >= 2 {
            out.string(Some("parity"));
        }
        if self.version >= 1 {
            out.i32(1);
        }
    }

    fn metadata_topic(&self, state: &State, name: &str, out: &mut Out) {
        let topic = state.topics.get(name);
        out.i16(topic.map_or(3, |topic| topic.error));
        out.string(Some(name));
        if self.version >= 1 {
            out.i8(0);
        }
        let partitions = match topic {
            Some(topic) if topic.error == 0 => &topic.partitions[..],
            _ => &[],
        };
        out.i32(partitions.len() as i32);
        for (number, partition) in (0..).zip(partitions) {
            let none = partition.leader == 0;
            out.i16(if none { 5 } else { 0 });
            out.i32(number);
            out.i32(if none { -1 } else { partition.leader });
            if self.version >= 7 {
                out.i32(partition.epoch);
            }
            for _ in 0..2 {
                out.i32(state.ports.len() as i32);
                (1..=state.ports.len() as i32).for_each(|id| out.i32(id));
            }
            if self.version >= 5 {
                out.i32(0);
            }
        }
        if self.version >= 8 {
            out.i32(i32::MIN);
        }
    }

    fn coordinator(&self, state: &State) -> Out {
        let mut out = Out::new(false);
        if self.version >= 1 {
            out.i32(0);
        }
        out.i16(0);
        if self.version >= 1 {
            out.string(None);
        }
        out.i32(1);
        out.string(Some("127.0.0.1"));
        out.i32(i32::from(state.ports[0]));
        out
    }

    fn producer_id(
        &self,
        world: &World,
        state: &mut State,
        mut fields: Fields<'_>,
    ) -> io::Result<Out> {
        let (transaction, timeout) = (fields.string(false)?, fields.i32()?);
        let error = world.script.id_errors.get(state.ids).copied().unwrap_or(0);
        state.ids += 1;
        let text = format!("InitProducerId v{} {transaction:?} timeout={timeout}", self.version);
        state.note("producer ids", text);
        let mut out = Out::new(false);
        out.i32(0);
        out.i16(error);
        out.i64(if error == 0 { 1000 } else { -1 });
        out.i16(if error == 0 { 0 } else { -1 });
        Ok(out)
    }
}

/// A response on the wire; its header has tags if `tags`.
pub fn frame(correlation: i32, body: &[u8]) -> Vec<u8> {
    let mut bytes = ((body.len() + 4) as i32).to_be_bytes().to_vec();
    bytes.extend_from_slice(&correlation.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}
