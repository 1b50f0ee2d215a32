//! Produce requests: put into words for the transcript, answered as the script says.

use std::fmt::Write;
use std::io;
use std::time::{Duration, Instant};

use crate::broker::{Answer, Request, frame};
use crate::records;
use crate::script::Reply;
use crate::wire::{Fields, Out};
use crate::world::{State, World};

/// A partition of a request, and how many messages it brings.
struct Part {
    topic: String,
    partition: i32,
    count: i64,
}

pub fn answer(
    request: &Request,
    world: &World,
    state: &mut State,
    fields: Fields<'_>,
) -> io::Result<Option<Answer>> {
    if !state.warm {
        state.produced += 1;
    }
    let (parts, acks) = read(request, state, fields)?;
    let reply = world.reply(state, request.id);
    if reply.cut {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    if acks == 0 || reply.drop {
        return Ok(None);
    }
    let held = reply.hold.then(|| {
        state.held += 1;
        state.held
    });
    let correlation = request.correlation + i32::from(reply.wrong_id);
    let bytes = frame(correlation, &write(request, state, &parts, &reply));
    let due = Instant::now() + Duration::from_millis(reply.delay_ms);
    Ok(Some(Answer { due, held, bytes, close: reply.close }))
}

/// Notes the request; its partitions, and its acks.
fn read(
    request: &Request,
    state: &mut State,
    mut fields: Fields<'_>,
) -> io::Result<(Vec<Part>, i16)> {
    let compact = request.version >= 9;
    let whole = fields.0;
    let transaction = if request.version >= 3 { fields.string(compact)? } else { None };
    let (acks, timeout) = (fields.i16()?, fields.i32()?);
    let (mut parts, mut text, mut group, mut same) =
        (Vec::new(), String::new(), String::new(), true);
    for _ in 0..fields.count(compact)? {
        let topic = fields.string(compact)?.unwrap_or_default();
        for _ in 0..fields.count(compact)? {
            let partition = fields.i32()?;
            let set = fields.bytes(compact)?.unwrap_or_default();
            fields.tags(compact)?;
            let (described, equal) = records::describe(set);
            write!(text, " {topic}[{partition}] {described}").ok();
            group = format!("{topic}[{partition}]");
            same &= equal;
            let count = described.split(" n=").nth(1).unwrap_or("");
            let count = count.split_whitespace().next().and_then(|count| count.parse().ok());
            parts.push(Part { topic: topic.clone(), partition, count: count.unwrap_or(0) });
        }
        fields.tags(compact)?;
    }
    fields.tags(compact)?;
    if !fields.0.is_empty() {
        write!(text, " and {} bytes more", fields.0.len()).ok();
    }
    if same {
        write!(text, " hash={:016x}", records::hash(whole)).ok();
    }
    let client = request.client.as_deref().unwrap_or("null");
    let transaction = transaction.unwrap_or_else(|| "null".into());
    let head = format!(
        "Produce v{} client={client} transaction={transaction} acks={acks} timeout={timeout}",
        request.version
    );
    state.note(&format!("broker {} {group}", request.id), format!("{head}{text}"));
    Ok((parts, acks))
}

fn write(request: &Request, state: &mut State, parts: &[Part], reply: &Reply) -> Vec<u8> {
    let version = request.version;
    let mut out = Out::new(version >= 9);
    // The tags of the response's header.
    out.tags(&[]);
    out.count(reply.topics.unwrap_or(parts.len() as i32));
    for part in parts {
        out.string(Some(reply.name.as_deref().unwrap_or(&part.topic)));
        out.count(reply.partitions.unwrap_or(1));
        for _ in 0..reply.partitions.unwrap_or(1) {
            partition(version, state, part, reply, &mut out);
        }
        out.tags(&[]);
    }
    if version >= 1 {
        out.i32(reply.throttle_ms);
    }
    let endpoints = reply.leader.map(|(leader, _)| (0, endpoint(state, leader)));
    out.tags(endpoints.as_slice());
    let mut bytes = out.bytes;
    if reply.garbage {
        bytes.iter_mut().for_each(|byte| *byte = 0xf7);
    }
    if let Some(size) = reply.truncate {
        bytes.truncate(size);
    }
    bytes.resize(bytes.len() + reply.extra, 0);
    bytes
}

fn partition(version: i16, state: &mut State, part: &Part, reply: &Reply, out: &mut Out) {
    let known = state.topics.get_mut(&part.topic);
    let known = known.and_then(|topic| topic.partitions.get_mut(part.partition as usize));
    let mut offset = -1;
    if let Some(known) = known
        && reply.error == 0
    {
        offset = known.next_offset;
        known.next_offset += part.count;
    }
    out.i32(reply.partition.unwrap_or(part.partition));
    out.i16(reply.error);
    out.i64(reply.offset.unwrap_or(offset));
    if version >= 2 {
        out.i64(reply.append_time.unwrap_or(-1));
    }
    if version >= 5 {
        out.i64(0);
    }
    if version >= 8 {
        let errors = reply.record_errors.as_deref().unwrap_or_default();
        out.count(errors.len() as i32);
        for (index, text) in errors {
            out.i32(*index);
            out.string(text.as_deref());
            out.tags(&[]);
        }
        out.string(reply.message.as_deref());
    }
    let leader = reply.leader.map(|(leader, epoch)| {
        let mut tag = Out::new(true);
        tag.i32(leader);
        tag.i32(epoch);
        tag.tags(&[]);
        (0, tag.bytes)
    });
    out.tags(leader.as_slice());
}

/// Where a broker listens, as the tag of a response.
fn endpoint(state: &State, id: i32) -> Vec<u8> {
    let mut tag = Out::new(true);
    tag.count(1);
    tag.i32(id);
    tag.string(Some("127.0.0.1"));
    tag.i32(state.ports.get(id as usize - 1).copied().map_or(0, i32::from));
    tag.string(None);
    tag.tags(&[]);
    tag.bytes
}
