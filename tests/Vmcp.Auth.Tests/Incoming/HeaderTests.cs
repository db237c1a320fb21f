using Vmcp.Auth.Incoming;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>What the header may look like.</summary>
public sealed class HeaderTests
{
    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER   ")]
    public async Task The_scheme_is_written_as_one_likes(string scheme)
    {
        await using Door door = await Door.OpenAsync();

        (await door.HeaderAsync(scheme + door.Provider.Token("alice"))).ShouldBeOfType<Admission.Admitted>();
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer   ")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearers abc")]
    public async Task Without_a_token_there_is_a_challenge_without_an_error(params string[] fields)
    {
        await using Door door = await Door.OpenAsync();

        (await door.HeaderAsync(fields)).ShouldBe(new Admission.Challenged(null, null));
    }

    [Fact]
    public async Task Two_headers_are_no_request_even_when_both_are_good()
    {
        await using Door door = await Door.OpenAsync();
        string field = "Bearer " + door.Provider.Token("alice");

        (await door.HeaderAsync(field, field)).ShouldBeOfType<Admission.Challenged>().Error.ShouldBe("invalid_request");
        (await door.HeaderAsync($"{field}, {field}")).ShouldBeOfType<Admission.Challenged>().Error.ShouldBe("invalid_request");
    }

    [Fact]
    public async Task A_token_of_more_than_16_KiB_is_not_looked_at()
    {
        await using Door door = await Door.OpenAsync();

        (await door.KnockAsync(new string('a', BearerHeader.MaxToken + 1))).ShouldBeOfType<Admission.Challenged>().Error.ShouldBe("invalid_request");
        (await door.RefuseAsync(new string('a', BearerHeader.MaxToken))).ShouldBe("The token is no JWT.");
    }
}
