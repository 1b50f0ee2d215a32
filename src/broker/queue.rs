//! `RequestQueue`: requests in order, with the sum of their messages.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::collections::vec_deque::{IntoIter, Iter, IterMut};

use super::request::Request;

/// Requests that wait for the socket, or for their answers.
#[derive(Default)]
pub(crate) struct RequestQueue {
    requests: VecDeque<Request>,
    /// Messages in them. Statistics ask at each turn of the thread, so nobody counts then.
    messages: usize,
}

impl RequestQueue {
    /// How many requests.
    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    /// Are there none?
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// How many messages are in the requests.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// The requests, from the first one on.
    pub(crate) fn iter(&self) -> Iter<'_, Request> {
        self.requests.iter()
    }

    /// The same, to be changed; a request keeps its number of messages here.
    pub(crate) fn iter_mut(&mut self) -> IterMut<'_, Request> {
        self.requests.iter_mut()
    }

    /// The first one.
    pub(crate) fn front(&self) -> Option<&Request> {
        self.requests.front()
    }

    /// The first one, to be changed; it keeps its number of messages here.
    pub(crate) fn front_mut(&mut self) -> Option<&mut Request> {
        self.requests.front_mut()
    }

    /// Puts a request behind the others.
    pub(crate) fn push_back(&mut self, request: Request) {
        self.messages += request.message_count;
        self.requests.push_back(request);
    }

    /// Puts a request before the others.
    pub(crate) fn push_front(&mut self, request: Request) {
        self.messages += request.message_count;
        self.requests.push_front(request);
    }

    /// Takes the first one out.
    pub(crate) fn pop_front(&mut self) -> Option<Request> {
        let request = self.requests.pop_front();
        self.left(request)
    }

    /// Takes the one at `place` out.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Request> {
        let request = self.requests.remove(place);
        self.left(request)
    }

    fn left(&mut self, request: Option<Request>) -> Option<Request> {
        self.messages -= request.as_ref().map_or(0, |request| request.message_count);
        request
    }
}

impl IntoIterator for RequestQueue {
    type Item = Request;
    type IntoIter = IntoIter<Request>;

    fn into_iter(self) -> IntoIter<Request> {
        self.requests.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::take_where;
    use super::*;
    use crate::proto::api;

    fn request(messages: usize) -> Request {
        let handler = Box::new(|_: &mut _, _: super::super::request::Outcome<'_>| {});
        let mut request = Request::new(api::PRODUCE, 0, vec![0; 14], 0, handler);
        request.message_count = messages;
        request
    }

    #[test]
    fn the_sum_of_messages_follows_each_change() {
        let mut queue = RequestQueue::default();
        for messages in [5, 0, 7, 11] {
            queue.push_back(request(messages));
        }
        queue.push_front(request(100));
        assert_eq!((queue.len(), queue.messages()), (5, 123));

        assert_eq!(queue.pop_front().map(|first| first.message_count), Some(100));
        assert_eq!(queue.messages(), 23);
        assert_eq!(queue.remove(2).map(|third| third.message_count), Some(7));
        assert!(queue.remove(9).is_none());
        assert_eq!(queue.messages(), 16);

        let taken = take_where(&mut queue, |request| request.message_count == 5);
        assert_eq!((taken.len(), queue.len(), queue.messages()), (1, 2, 11));
        assert_eq!(queue.into_iter().map(|request| request.message_count).sum::<usize>(), 11);
    }
}
