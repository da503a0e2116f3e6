// SPDX-License-Identifier: MIT
//
// A queue of orders in a Boost.Interprocess segment: a named struct, and a list linked by
// offset_ptr. Says what it sees when it is asked, a line each: "queue", "list", "add WHO PRICE",
// "where NAME".
#include <boost/interprocess/managed_shared_memory.hpp>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>

namespace ipc = boost::interprocess;

struct Order {
	std::uint32_t number;
	char who[20];
	double price;
	ipc::offset_ptr<Order> next;
};

struct Queue {
	std::uint64_t orders;
	std::uint32_t limit;
	ipc::offset_ptr<Order> first, last;
};

Queue *queue; // into the segment

static void add(ipc::managed_shared_memory &segment, const std::string &who, double price)
{
	Order *order = segment.construct<Order>(ipc::anonymous_instance)();

	order->number = static_cast<std::uint32_t>(++queue->orders);
	std::strncpy(order->who, who.c_str(), sizeof(order->who) - 1);
	order->price = price;
	order->next = nullptr;
	(queue->last ? queue->last->next : queue->first) = order;
	queue->last = order;
}

static void answer(ipc::managed_shared_memory &segment, std::istringstream &line)
{
	std::string verb, who;
	double price;

	line >> verb;
	if (verb == "add" && line >> who >> price) {
		add(segment, who, price);
		std::cout << "added";
	} else if (verb == "where") {
		std::cout << segment.get_handle_from_address(queue);
	} else if (verb == "free") {
		std::cout << segment.get_size() << ' ' << segment.get_free_memory();
	} else if (verb == "queue") {
		std::cout << queue->orders << ' ' << queue->limit;
	} else {
		for (Order *order = queue->first.get(); order; order = order->next.get())
			std::cout << order->number << ' ' << order->who << ' ' << order->price << ' ';
	}
	std::cout << std::endl;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "orders";
	std::string line;

	ipc::shared_memory_object::remove(name);
	{
		ipc::managed_shared_memory segment(ipc::create_only, name, 65536);
		queue = segment.construct<Queue>("queue")();
		queue->limit = 100;
		add(segment, "anna", 9.5);
		add(segment, "boris", 20);
		add(segment, "chen", 0.125);
		std::cout << "ready" << std::endl;
		while (std::getline(std::cin, line) && line != "exit") {
			std::istringstream words(line);
			answer(segment, words);
		}
	}
	ipc::shared_memory_object::remove(name);
}
