"""How each generation of the Python SDKs is called."""

import importlib
import time
import typing

# What a case calls, and the methods that do it, the newest name first.
TRACKING_SDK = {
    "create": ["tracking.create_tracking"],
    "list": ["tracking.get_trackings"],
    "get": ["tracking.get_tracking_by_id"],
    "get_by_number": ["tracking.get_tracking_by_slug_tracking_number"],
    "update": ["tracking.update_tracking_by_id"],
    "update_by_number": ["tracking.update_tracking_by_slug_tracking_number"],
    "delete": ["tracking.delete_tracking_by_id"],
    "delete_by_number": ["tracking.delete_tracking_by_slug_tracking_number"],
    "retrack": ["tracking.retrack_tracking_by_id"],
    "retrack_by_number": ["tracking.retrack_tracking_by_slug_tracking_number"],
    "complete": ["tracking.mark_tracking_completed_by_id"],
    "complete_by_number": ["tracking.mark_tracking_completed_by_slug_tracking_number"],
    "couriers": ["courier.get_couriers", "courier.get_user_couriers"],
    "couriers_all": ["courier.get_all_couriers"],
    "detect": ["courier.detect_courier"],
    "last_checkpoint": ["last_checkpoint.get_checkpoint_by_tracking_id"],
    "last_checkpoint_by_number": ["last_checkpoint.get_checkpoint_by_slug_tracking_number"],
    "notification_get": ["notification.get_notification_by_tracking_id"],
    "notification_get_by_number": ["notification.get_notification_by_slug_tracking_number"],
    "notification_add": ["notification.add_notification_by_tracking_id"],
    "notification_add_by_number": ["notification.add_notification_by_slug_tracking_number"],
    "notification_remove": ["notification.delete_notification_by_tracking_id"],
    "notification_remove_by_number": ["notification.delete_notification_by_slug_tracking_number"],
    "predict": ["estimated_delivery_date.predict"],
    "predict_batch": ["estimated_delivery_date.predict_batch"],
    "connection_list": ["courier_connection.get_courier_connections"],
    "connection_get": ["courier_connection.get_courier_connections_by_id"],
    "connection_create": ["courier_connection.post_courier_connections"],
    "connection_update": ["courier_connection.put_courier_connections_by_id"],
    "connection_delete": ["courier_connection.delete_courier_connections_by_id"],
}

# `aftership` 1: functions of modules, and the wrapper that an answer or a body has.
LEGACY_SDK = {
    "create": "tracking.create_tracking",
    "list": "tracking.list_trackings",
    "get": "tracking.get_tracking",
    "update": "tracking.update_tracking",
    "delete": "tracking.delete_tracking",
    "retrack": "tracking.retrack",
    "couriers": "courier.list_couriers",
    "couriers_all": "courier.list_all_couriers",
    "detect": "courier.detect_courier",
    "last_checkpoint": "tracking.get_last_checkpoint",
    "notification_get": "notification.list_notifications",
    "notification_add": "notification.add_notification",
    "notification_remove": "notification.remove_notification",
    "predict_batch": "estimated_delivery_date.batch_predict_estimated_delivery_date",
}

# `aftership` 0: any method on any path.
OLDEST_SDK = {
    "create": ("post", "trackings"),
    "list": ("get", "trackings"),
    "get": ("get", "trackings"),
    "update": ("put", "trackings"),
    "delete": ("delete", "trackings"),
    "retrack": ("post", "trackings", "retrack"),
    "complete": ("post", "trackings", "mark-as-completed"),
    "couriers": ("get", "couriers"),
    "couriers_all": ("get", "couriers/all"),
    "detect": ("post", "couriers/detect"),
    "last_checkpoint": ("get", "last_checkpoint"),
    "notification_get": ("get", "notifications"),
    "notification_add": ("post", "notifications", "add"),
    "notification_remove": ("post", "notifications", "remove"),
}

# Bodies that v4 wraps.
WRAPPERS = {"create": "tracking", "update": "tracking", "detect": "tracking", "notification_add": "notification", "notification_remove": "notification"}


def adapter(sdk):
    if sdk["package"] == "aftership-tracking-sdk":
        return TrackingSdk(sdk)
    return LegacySdk(sdk) if sdk["release"].startswith("1.") else OldestSdk(sdk)


class TrackingSdk:
    """`aftership-tracking-sdk`: typed requests and answers."""

    def __init__(self, sdk):
        self.sdk, self.major = sdk, int(sdk["release"].split(".")[0])
        self.package = importlib.import_module("tracking")
        self.exceptions = importlib.import_module("tracking.exceptions")
        self.told = set()
        self.all = set()

    def client(self, server, kind, key, secret):
        configuration = self.package.Configuration(domain=server, api_key=key, api_secret=secret, authentication_type=kind, max_retry=0)
        client = self.package.Client(configuration)
        for group, api in vars(client).items():
            self.all |= {f"{group}.{name}" for name in vars(type(api)) if not name.startswith("_")}
        return client

    def has(self, client, call):
        return any(self.method(client, path) for path in TRACKING_SDK[call])

    def untold(self):
        return sorted(self.all - self.told)

    def method(self, client, path):
        group, name = path.split(".")
        return getattr(getattr(client, group, None), name, None)

    def call(self, client, call, path, body, query, typed):
        name = next(name for name in TRACKING_SDK[call] if self.method(client, name))
        self.told.add(name)
        method = self.method(client, name)
        hints = typing.get_type_hints(method)
        if typed:
            model = next(argument for argument in typing.get_args(hints[[*hints][-2]]) if argument is not dict)
            body = model(**body)
        result = method(*(path or []), *([] if body is None else [body]), **(query or {}))
        if type(result) is not hints["return"]:
            raise TypeError(f"the answer is a {type(result).__name__}, not a {hints['return'].__name__}")
        answer = result.model_dump(mode="json", by_alias=True)
        if self.major < 4 and call == "list":
            # These call the count a total and put it under `pagination`, as later versions do.
            pages = answer["pagination"]
            return {**answer, "count": pages["total"], "page": pages["page"], "limit": pages["limit"]}
        if self.major < 8:
            return answer
        if result.response_header["as-api-version"] != [self.sdk["version"]]:
            raise ValueError(f"the answer is of another version: {result.response_header}")
        return answer["data"]

    def failure(self, error):
        if not isinstance(error, self.exceptions.ApiException):
            return None
        name = getattr(error.code, "name", str(error.code).removeprefix("ErrorCodeEnum."))
        # Majors up to 7 have a wrong name for it.
        name = None if self.major < 8 and error.meta_code == 400 else name
        kind = type(error).__name__.removesuffix("Error")
        kind = "InternalError" if kind == "Internal" else kind
        return {"code": error.meta_code, "type": kind, "status": error.status_code, "name": name}


class LegacySdk:
    """`aftership` 1, whose address is a constant of a module."""

    def __init__(self, sdk):
        self.sdk = sdk
        self.package = importlib.import_module("aftership")
        self.told = set()

    def client(self, server, kind, key, secret):
        return server, key

    def has(self, client, call):
        return call.removesuffix("_by_number") in LEGACY_SDK

    def untold(self):
        return sorted(set(LEGACY_SDK.values()) - self.told)

    def call(self, client, call, path, body, query, typed):
        server, key = client
        importlib.import_module("aftership.request").API_ENDPOINT = server + self.sdk["base"]
        of = dict(zip(("slug", "tracking_number"), path)) if len(path or []) > 1 else {"tracking_id": path[0]} if path else {}
        call = call.removesuffix("_by_number")
        name = LEGACY_SDK[call]
        self.told.add(name)
        module, function = name.split(".")
        method = getattr(getattr(self.package, module), function)
        bodies = {WRAPPERS[call]: body} if call in WRAPPERS else body or {}
        query = query or {}
        if call == "last_checkpoint" and query:
            query = {"params": query}
        return unwrapped(method(**of, **bodies, **query, headers={"aftership-api-key": key}))

    def failure(self, error):
        if not isinstance(error, self.package.exception.AfterShipError):
            return None
        return {"code": error.code, "type": type(error).__name__, "status": error.http_status}


class OldestSdk:
    """`aftership` 0: the path is spelled with attributes, brackets and arguments."""

    def __init__(self, sdk):
        self.sdk = sdk
        self.package = importlib.import_module("aftership")
        # It asks for a clock that Python 3.8 dropped.
        time.clock = time.perf_counter

    def client(self, server, kind, key, secret):
        api = self.package.APIv4(key, max_calls_per_sec=10_000, datetime_convert=False)
        api._api_url = server + self.sdk["base"]
        api._headers = {**api._headers, "aftership-api-key": key}
        return api

    def has(self, client, call):
        return call.removesuffix("_by_number") in OLDEST_SDK

    def untold(self):
        return []

    def call(self, client, call, path, body, query, typed):
        call = call.removesuffix("_by_number")
        method, *route = OLDEST_SDK[call]
        resource = client
        for chunk in [route[0], *(path or []), *route[1:]]:
            resource = resource[chunk]
        body = {WRAPPERS[call]: body} if call in WRAPPERS else body or {}
        return unwrapped(getattr(resource, method)(**body, **(query or {})))

    def failure(self, error):
        if not isinstance(error, self.package.APIv4RequestException):
            return None
        return {"code": error.code(), "type": error.type()}


def unwrapped(data):
    """What v4 puts under its own name."""
    return next((data[name] for name in ("tracking", "notification") if name in data), data)
