namespace AuthzPlugin.Trust.Json;

/// <summary>One member of an object; <paramref name="Name"/> is a text.</summary>
internal readonly record struct JsonMember(JsonValue Name, JsonValue Value);

/// <summary>The members of an object in the order of the file, for <c>foreach</c>.</summary>
internal struct JsonMembers
{
    private readonly StrictJson _json;
    private readonly int _end;
    private int _name;
    private int _next;

    internal JsonMembers(StrictJson json, int container)
    {
        _json = json;
        _end = json.Token(container).Next;
        _next = container + 1;
    }

    public readonly JsonMember Current => new(new JsonValue(_json, _name), new JsonValue(_json, _name + 1));

    public readonly JsonMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
        {
            return false;
        }

        _name = _next;
        _next = _json.Token(_name + 1).Next;
        return true;
    }
}

/// <summary>The members of an object in ascending order of the bytes of their names, for <c>foreach</c>.</summary>
internal struct JsonSortedMembers
{
    private readonly StrictJson _json;
    private readonly int[]? _order;
    private JsonMembers _members;
    private int _position = -1;

    internal JsonSortedMembers(StrictJson json, int container)
    {
        _json = json;
        _order = json.SortedNames(container);
        _members = new JsonMembers(json, container);
    }

    public readonly JsonMember Current => _order is null
        ? _members.Current
        : new(new JsonValue(_json, _order[_position]), new JsonValue(_json, _order[_position] + 1));

    public readonly JsonSortedMembers GetEnumerator() => this;

    public bool MoveNext() => _order is null ? _members.MoveNext() : ++_position < _order.Length;
}

/// <summary>The items of an array, for <c>foreach</c>.</summary>
internal struct JsonItems
{
    private readonly StrictJson _json;
    private readonly int _end;
    private int _item;
    private int _next;

    internal JsonItems(StrictJson json, int container)
    {
        _json = json;
        _end = json.Token(container).Next;
        _next = container + 1;
    }

    public readonly JsonValue Current => new(_json, _item);

    public readonly JsonItems GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
        {
            return false;
        }

        _item = _next;
        _next = _json.Token(_item).Next;
        return true;
    }
}
