// How each generation of the Node SDKs is called.
"use strict";

const id = ([one, two]) => (two === undefined ? { id: one } : { slug: one, tracking_number: two });
const joined = (of) => of.join("/");

// `@aftership/tracking-sdk`: what a case calls, and the method that does it.
const TRACKING_SDK = {
  create: "tracking.createTracking",
  list: "tracking.getTrackings",
  get: "tracking.getTrackingById",
  update: "tracking.updateTrackingById",
  delete: "tracking.deleteTrackingById",
  retrack: "tracking.retrackTrackingById",
  complete: "tracking.markTrackingCompletedById",
  couriers: "courier.getCouriers",
  detect: "courier.detectCourier",
  predict: "estimatedDeliveryDate.predict",
  predict_batch: "estimatedDeliveryDate.predictBatch",
  connection_list: "courierConnection.getCourierConnections",
  connection_get: "courierConnection.getCourierConnectionsById",
  connection_create: "courierConnection.postCourierConnections",
  connection_update: "courierConnection.putCourierConnectionsById",
  connection_delete: "courierConnection.deleteCourierConnectionsById",
};

// `aftership` 6 to 8. Bodies are given with their wrapper.
const CLASS_SDK = {
  create: ["tracking.createTracking", (of, body) => [{ tracking: body }]],
  list: ["tracking.listTrackings", (of, body, query) => [query]],
  get: ["tracking.getTracking", (of, body, query) => [id(of), query]],
  update: ["tracking.updateTracking", (of, body) => [id(of), { tracking: body }]],
  delete: ["tracking.deleteTracking", (of) => [id(of)]],
  retrack: ["tracking.retrack", (of) => [id(of)]],
  complete: ["tracking.markAsCompleted", (of, body) => [id(of), body]],
  couriers: ["courier.listCouriers", () => []],
  couriers_all: ["courier.listAllCouriers", () => []],
  detect: ["courier.detectCouriers", (of, body) => [{ tracking: body }]],
  last_checkpoint: ["last_checkpoint.getLastCheckpoint", (of, body, query = {}) => [id(of), query.fields, query.lang]],
  notification_get: ["notification.getNotification", (of) => [id(of)]],
  notification_add: ["notification.addNotification", (of, body) => [id(of), { notification: body }]],
  notification_remove: ["notification.removeNotification", (of, body) => [id(of), { notification: body }]],
  predict_batch: ["estimated_delivery_date.batchPredict", (of, body) => [body]],
};

// `aftership` 5: any method on any path.
const CALL_SDK = {
  create: ["POST", () => "/trackings", "tracking"],
  list: ["GET", () => "/trackings"],
  get: ["GET", (of) => `/trackings/${joined(of)}`],
  update: ["PUT", (of) => `/trackings/${joined(of)}`, "tracking"],
  delete: ["DELETE", (of) => `/trackings/${joined(of)}`],
  retrack: ["POST", (of) => `/trackings/${joined(of)}/retrack`],
  complete: ["POST", (of) => `/trackings/${joined(of)}/mark-as-completed`],
  couriers: ["GET", () => "/couriers"],
  couriers_all: ["GET", () => "/couriers/all"],
  detect: ["POST", () => "/couriers/detect", "tracking"],
  last_checkpoint: ["GET", (of) => `/last_checkpoint/${joined(of)}`],
  notification_get: ["GET", (of) => `/notifications/${joined(of)}`],
  notification_add: ["POST", (of) => `/notifications/${joined(of)}/add`, "notification"],
  notification_remove: ["POST", (of) => `/notifications/${joined(of)}/remove`, "notification"],
  predict_batch: ["POST", () => "/estimated-delivery-date/predict-batch"],
};

// `aftership` 4: callbacks, and numbers alone.
const CALLBACK_SDK = {
  create: ["createTracking", (of, { tracking_number: number, ...body }) => [number, body]],
  list: ["getTrackings", (of, body, query) => [query]],
  get_by_number: ["getTracking", (of, body, query = {}) => [...of, query]],
  update_by_number: ["updateTracking", (of, body) => [...of, body]],
  delete_by_number: ["deleteTracking", (of) => [...of, {}]],
  retrack_by_number: ["retrackTracking", (of) => [...of, {}]],
  couriers: ["getCouriers", () => []],
  detect: ["detectCouriers", (of, body) => [body.tracking_number, body]],
  last_checkpoint_by_number: ["getLastCheckpoint", (of, body, query = {}) => [...of, (query.fields || "").split(",").filter(Boolean)]],
};

exports.adapter = (sdk) => {
  if (sdk.package === "@aftership/tracking-sdk") return new TrackingSdk(sdk);
  const major = Number(sdk.release.split(".")[0]);
  return major >= 6 ? new ClassSdk(sdk) : major === 5 ? new CallSdk(sdk) : new CallbackSdk(sdk);
};

const byId = (call) => call.replace("_by_number", "");
const member = (client, name) => name.split(".").reduce((found, part) => found && found[part], client);
const unwrapped = (data) => data.tracking || data.notification || data;
const described = (error) => (error instanceof Error ? String(error) : JSON.stringify(error));

class Sdk {
  constructor(sdk) {
    Object.assign(this, { sdk, package: require(sdk.package), told: new Set(), all: new Set() });
  }

  untold() {
    return [...this.all].filter((name) => !this.told.has(name));
  }

  text(error) {
    return described(error);
  }

  /** Notes what the members of a client can do. */
  note(client, groups) {
    for (const group of groups) {
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(client[group]));
      for (const name of methods) if (name !== "constructor") this.all.add(`${group}.${name}`);
    }
    return client;
  }
}

class TrackingSdk extends Sdk {
  client(server, kind, key, secret) {
    const client = new this.package.AfterShip({ domain: server, auth_type: kind, api_key: key, api_secret: secret ?? undefined, max_retry: 0 });
    return this.note(client, ["tracking", "courier", "courierConnection", "estimatedDeliveryDate"]);
  }

  has(client, call) {
    return call in TRACKING_SDK && !!member(client, TRACKING_SDK[call]);
  }

  async call(client, call, of, body, query) {
    const name = TRACKING_SDK[call];
    this.told.add(name);
    const [group, method] = name.split(".");
    const answer = await client[group][method](...of, ...[body, query].filter((given) => given !== undefined));
    if (answer.response_headers["as-api-version"] !== this.sdk.version) throw new Error("the answer is of another version");
    return answer.data;
  }

  failure(error) {
    if (!(error instanceof this.package.AftershipError)) return null;
    return { code: error.meta_code, status: error.status_code, name: error.code };
  }
}

class ClassSdk extends Sdk {
  client(server, kind, key, secret) {
    const signing = kind === "AES" ? { auth_type: require("aftership/dist/lib/auth_enum").AuthType.Aes, api_secret: secret } : {};
    const client = new this.package.AfterShip(key, { endpoint: server + this.sdk.base, ...signing });
    return this.note(client, ["tracking", "courier", "last_checkpoint", "notification", ...(client.estimated_delivery_date ? ["estimated_delivery_date"] : [])]);
  }

  has(client, call) {
    return byId(call) in CLASS_SDK && !!member(client, CLASS_SDK[byId(call)][0]);
  }

  async call(client, call, of, body, query) {
    const [name, parameters] = CLASS_SDK[byId(call)];
    this.told.add(name);
    const [group, method] = name.split(".");
    return unwrapped(await client[group][method](...parameters(of, body, query)));
  }

  failure(error) {
    return error instanceof Error && error.type ? { code: error.code, type: error.type } : null;
  }
}

class CallSdk extends Sdk {
  client(server, kind, key) {
    return this.package(key, { endpoint: server + this.sdk.base, rate: false, retry: false });
  }

  has(client, call) {
    return byId(call) in CALL_SDK;
  }

  async call(client, call, of, body, query) {
    const [method, path, wrapper] = CALL_SDK[byId(call)];
    const options = { body: wrapper ? { [wrapper]: body } : body, query };
    // With a query by the promise, else by the proxies of the methods, which know callbacks alone.
    if (query) return unwrapped((await client.call(method, path(of), options)).data);
    return new Promise((resolve, reject) => {
      client[method](path(of), options, (error, answer) => (error ? reject(error) : resolve(unwrapped(answer.data))));
    });
  }

  failure(error) {
    return error instanceof Error && error.type ? { code: error.code, type: error.type } : null;
  }
}

class CallbackSdk extends Sdk {
  /** Host and port are read when the package is loaded; so each server has its own copy of it. */
  client(server, kind, key) {
    const { hostname, port } = new URL(server);
    Object.assign(process.env, { AFTERSHIP_NODEJS_SDK_HOST: hostname, AFTERSHIP_NODEJS_SDK_PORT: port });
    delete require.cache[require.resolve(this.sdk.package)];
    const client = require(this.sdk.package)(key);
    for (const name of Object.keys(client)) this.all.add(name);
    return client;
  }

  has(client, call) {
    return call in CALLBACK_SDK && CALLBACK_SDK[call][0] in client;
  }

  call(client, call, of, body, query) {
    const [method, parameters] = CALLBACK_SDK[call];
    this.told.add(method);
    return new Promise((resolve, reject) => {
      client[method](...parameters(of, body, query), (error, data) => (error ? reject(error) : resolve(unwrapped(data))));
    });
  }

  failure(error) {
    const isOurs = error.code >= 600 && error.code <= 603; // the SDK could not read the answer
    return error.type && !isOurs ? { code: error.code, type: error.type } : null;
  }
}
