// grpc-lmdb: what one would write first: a unary gRPC service that looks a key up in LMDB and
// answers its value. Two completion queues, each with a thread; the asynchronous generic interface,
// so that no code generator is needed and the fastest way of gRPC C++ is measured.
//   grpc-lmdb serve DIR PORT IDS VALUE          fills DIR, prints READY, serves until SIGTERM
//   grpc-lmdb load PORT IDS CONNECTIONS DEPTH WARMUP_MS DURATION_MS SEED
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <lmdb.h>

extern "C" {
#include "base/clock.h"
#include "bench/histogram.h"
#include "bench/random.h"
}

namespace
{

constexpr size_t MAP_SIZE = size_t{4} << 30;

[[noreturn]] void die(const std::string &text)
{
    std::cerr << "grpc-lmdb: " << text << "\n";
    std::exit(1);
}

void check(int code)
{
    if (code != 0) {
        die(mdb_strerror(code));
    }
}

std::vector<std::string> read_lines(const char *path)
{
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    if (lines.empty()) {
        die(std::string(path) + " holds no ids");
    }
    return lines;
}

grpc::ByteBuffer bytes_of(const void *data, size_t size)
{
    grpc::Slice slice(data, size);
    return grpc::ByteBuffer(&slice, 1);
}

std::string text_of(const grpc::ByteBuffer &buffer)
{
    std::vector<grpc::Slice> slices;
    std::string text;
    buffer.Dump(&slices);
    for (const auto &slice : slices) {
        text.append(reinterpret_cast<const char *>(slice.begin()), slice.size());
    }
    return text;
}

struct Store {
    MDB_env *env = nullptr;
    MDB_dbi table = 0;

    Store(const char *folder, const std::vector<std::string> &ids, const std::string &value)
    {
        MDB_txn *txn;
        check(mdb_env_create(&env));
        check(mdb_env_set_mapsize(env, MAP_SIZE));
        check(mdb_env_open(env, folder, MDB_NOTLS, 0600));
        check(mdb_txn_begin(env, nullptr, 0, &txn));
        check(mdb_dbi_open(txn, nullptr, 0, &table));
        for (const auto &id : ids) {
            MDB_val key{id.size(), const_cast<char *>(id.data())};
            MDB_val data{value.size(), const_cast<char *>(value.data())};
            check(mdb_put(txn, table, &key, &data, 0));
        }
        check(mdb_txn_commit(txn));
    }
};

class Call;

struct Queue {
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    grpc::AsyncGenericService *service;
    Store *store;
    MDB_txn *txn = nullptr;
};

class Call
{
  public:
    explicit Call(Queue &owner) : owner_(owner), stream_(&context_)
    {
        owner_.service->RequestCall(&context_, &stream_, owner_.queue.get(), owner_.queue.get(),
                                    this);
    }

    void proceed(bool fine)
    {
        switch (step_++) {
        case 0:
            if (!fine) {
                delete this;
                return;
            }
            new Call(owner_);
            stream_.Read(&request_, this);
            return;
        case 1:
            answer();
            return;
        default:
            delete this;
        }
    }

  private:
    void answer()
    {
        std::string id = text_of(request_);
        MDB_val key{id.size(), id.data()};
        MDB_val value{0, nullptr};
        check(mdb_txn_renew(owner_.txn));
        int code = mdb_get(owner_.txn, owner_.store->table, &key, &value);
        grpc::ByteBuffer reply = bytes_of(value.mv_data, code == 0 ? value.mv_size : 0);
        mdb_txn_reset(owner_.txn);
        grpc::Status status =
            code == 0 ? grpc::Status::OK : grpc::Status(grpc::StatusCode::NOT_FOUND, "no such id");
        stream_.WriteAndFinish(reply, grpc::WriteOptions(), status, this);
    }

    Queue &owner_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_;
    grpc::ByteBuffer request_;
    int step_ = 0;
};

int serve(char **arguments)
{
    constexpr int THREADS = 2;
    std::ifstream file(arguments[3], std::ios::binary);
    std::stringstream value;
    value << file.rdbuf();
    Store store(arguments[0], read_lines(arguments[2]), value.str());
    grpc::AsyncGenericService service;
    grpc::ServerBuilder builder;
    std::vector<Queue> queues(THREADS);
    builder.AddListeningPort(std::string("127.0.0.1:") + arguments[1],
                             grpc::InsecureServerCredentials());
    builder.RegisterAsyncGenericService(&service);
    for (auto &queue : queues) {
        queue.queue = builder.AddCompletionQueue();
        queue.service = &service;
        queue.store = &store;
        check(mdb_txn_begin(store.env, nullptr, MDB_RDONLY, &queue.txn));
        mdb_txn_reset(queue.txn);
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    auto server = builder.BuildAndStart();
    if (!server) {
        die("cannot listen");
    }
    std::vector<std::thread> threads;
    for (auto &queue : queues) {
        for (int i = 0; i < 256; i++) {
            new Call(queue);
        }
        threads.emplace_back([&queue] {
            void *tag;
            bool fine;
            while (queue.queue->Next(&tag, &fine)) {
                static_cast<Call *>(tag)->proceed(fine);
            }
        });
    }
    std::cout << "READY" << std::endl;
    int number;
    sigwait(&signals, &number);
    std::quick_exit(0);
}

struct Request {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer reply;
    grpc::Status status;
    uint64_t sent_ns = 0;
    size_t channel = 0;
};

int load(char **arguments)
{
    auto ids = read_lines(arguments[1]);
    size_t connections = std::stoul(arguments[2]);
    size_t depth = std::stoul(arguments[3]);
    uint64_t warmup_ns = std::stoull(arguments[4]) * 1000000;
    uint64_t duration_ns = std::stoull(arguments[5]) * 1000000;
    uint64_t state = std::stoull(arguments[6]);
    std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
    grpc::CompletionQueue queue;
    static bench_histogram latency;
    bench_histogram_init(&latency);
    for (size_t i = 0; i < connections; i++) {
        grpc::ChannelArguments options;
        options.SetInt("hirsch.connection", static_cast<int>(i)); // a connection each
        options.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        stubs.push_back(std::make_unique<grpc::GenericStub>(
            grpc::CreateCustomChannel(std::string("127.0.0.1:") + arguments[0],
                                      grpc::InsecureChannelCredentials(), options)));
    }
    auto ask = [&](size_t channel) {
        auto *request = new Request;
        const std::string &id = ids[bench_random_below(&state, static_cast<uint32_t>(ids.size()))];
        request->channel = channel;
        request->sent_ns = base_clock_monotonic_ns();
        request->reader = stubs[channel]->PrepareUnaryCall(&request->context, "/bench.Store/Get",
                                                           bytes_of(id.data(), id.size()), &queue);
        request->reader->StartCall();
        request->reader->Finish(&request->reply, &request->status, request);
    };
    uint64_t from_ns = base_clock_monotonic_ns() + warmup_ns;
    uint64_t end_ns = from_ns + duration_ns;
    uint64_t replies = 0;
    for (size_t i = 0; i < connections * depth; i++) {
        ask(i % connections);
    }
    void *tag;
    bool fine;
    while (queue.Next(&tag, &fine)) {
        std::unique_ptr<Request> request(static_cast<Request *>(tag));
        uint64_t now_ns = base_clock_monotonic_ns();
        if (!request->status.ok()) {
            die(request->status.error_message());
        }
        if (now_ns >= end_ns) {
            break;
        }
        if (now_ns >= from_ns) {
            replies++;
            bench_histogram_record(&latency, now_ns - request->sent_ns);
        }
        ask(request->channel);
    }
    std::printf("{\"perSecond\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"lost\":0}\n",
                static_cast<double>(replies) * 1e9 / static_cast<double>(duration_ns),
                static_cast<double>(bench_histogram_at(&latency, 0.5)) / 1e3,
                static_cast<double>(bench_histogram_at(&latency, 0.99)) / 1e3,
                static_cast<double>(bench_histogram_at(&latency, 0.999)) / 1e3);
    std::fflush(stdout);
    std::quick_exit(0);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 6 && std::string(argv[1]) == "serve") {
        return serve(argv + 2);
    }
    if (argc == 9 && std::string(argv[1]) == "load") {
        return load(argv + 2);
    }
    die("serve DIR PORT IDS VALUE, or load PORT IDS CONNECTIONS DEPTH WARMUP_MS DURATION_MS SEED");
}
